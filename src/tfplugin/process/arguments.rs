//! The command line: four things a person can ask for, and what is said about them. Terraform passes no arguments.

use std::env;
use std::ffi::OsString;

use super::About;
use super::error::Error;

/// What the process was started to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Serve the Terraform that started us.
    Serve,
    /// Serve any Terraform that attaches, until interrupted.
    Debug,
    /// Print name and version.
    Version,
    /// Print how to use the binary.
    Help,
}

impl Command {
    /// Reads the arguments after the program's name. One dash does as well as two, as with providers written in Go.
    pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        let mut arguments = arguments.into_iter();
        let command = match arguments.next() {
            None => return Ok(Self::Serve),
            Some(first) => match first.to_str() {
                Some("--debug" | "-debug") => Self::Debug,
                Some("--version" | "-version" | "-V") => Self::Version,
                Some("--help" | "-help" | "-h") => Self::Help,
                _ => return Err(Error::Argument(first)),
            },
        };
        arguments.next().map_or(Ok(command), |surplus| Err(Error::Argument(surplus)))
    }
}

/// What `--help` prints.
pub(super) fn help(about: &About) -> String {
    let About { name, version, source } = about;
    format!(
        "{name} {version}, the Terraform and OpenTofu provider {source}

Terraform and OpenTofu start this program themselves; there is nothing to run by hand. {hint}

Options:
  --debug    serve until interrupted, for those who start Terraform with the TF_REATTACH_PROVIDERS that it prints
  --version  print the version
  --help     print this text
",
        hint = how_to_use(about)
    )
}

/// How Terraform comes to start this very binary.
pub(super) fn how_to_use(about: &About) -> String {
    let directory = env::current_exe().ok().and_then(|binary| Some(binary.parent()?.display().to_string()));
    let directory = directory.as_deref().unwrap_or("/directory/of/this/binary");
    format!(
        "Name it in a configuration:

  terraform {{
    required_providers {{
      {provider_type} = {{ source = \"{source}\" }}
    }}
  }}

`terraform init` then installs a released one. To use this very build, without `terraform init`, name its directory in
~/.terraformrc (OpenTofu: ~/.tofurc):

  provider_installation {{
    dev_overrides {{ \"{source}\" = \"{directory}\" }}
    direct {{}}
  }}",
        provider_type = about.provider_type(),
        source = about.source
    )
}

#[cfg(test)]
mod tests {
    use super::Command;

    fn parse(arguments: &[&str]) -> Option<Command> {
        Command::parse(arguments.iter().map(Into::into)).ok()
    }

    #[test]
    fn each_option_is_known_by_one_dash_and_by_two() {
        assert_eq!(parse(&[]), Some(Command::Serve));
        assert_eq!(parse(&["--debug"]), Some(Command::Debug));
        assert_eq!(parse(&["-debug"]), Some(Command::Debug));
        assert_eq!(parse(&["--version"]), Some(Command::Version));
        assert_eq!(parse(&["-h"]), Some(Command::Help));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(parse(&["serve"]), None);
        assert_eq!(parse(&["--debug", "--verbose"]), None);
        assert_eq!(parse(&[""]), None);
    }
}
