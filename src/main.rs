//! The plugin binary: arguments, then serve. Everything else is in the library.

fn main() {}
