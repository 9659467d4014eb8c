//! The plugin process: handshake, mutual TLS, listener, go-plugin services, logging, shutdown.
