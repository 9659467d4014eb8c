//! What can be made from an image. Not for telling it from a file, see `files`.

use std::fmt;

/// What an instance made from the image will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImageType {
    /// A container.
    Container,
    /// A virtual machine.
    VirtualMachine,
}

/// A type of image that this client doesn't know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the type of an image is \"container\" or \"virtual-machine\", not {0:?}")]
pub struct InvalidImageType(String);

impl ImageType {
    /// Reads Incus's spelling.
    pub fn parse(text: &str) -> Result<Self, InvalidImageType> {
        match text {
            "container" => Ok(Self::Container),
            "virtual-machine" => Ok(Self::VirtualMachine),
            _ => Err(InvalidImageType(text.to_owned())),
        }
    }

    /// Incus's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::VirtualMachine => "virtual-machine",
        }
    }

    /// What an upload calls the root file of a split image; Incus tells the type by it.
    pub(crate) fn root_part(self) -> &'static str {
        match self {
            Self::Container => "rootfs",
            Self::VirtualMachine => "rootfs.img",
        }
    }
}

impl fmt::Display for ImageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_types_are_read_back_as_written() {
        for image_type in [ImageType::Container, ImageType::VirtualMachine] {
            assert_eq!(ImageType::parse(image_type.as_str()), Ok(image_type));
        }
        assert_eq!(ImageType::parse("vm"), Err(InvalidImageType("vm".into())));
    }
}
