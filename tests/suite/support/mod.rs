//! The harness: real daemons, real command lines, and a host that speaks the plugin protocol.
