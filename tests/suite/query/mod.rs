//! Lists of images to be brought under management: the list resource `incus_image`, at the protocol level, and at command lines that
//! know `query`.

mod command_line;
mod lists;
