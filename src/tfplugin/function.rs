//! What a function is written with. It only computes: the same arguments give the same result, and no configuration is needed.

use async_trait::async_trait;

use super::diagnostic::Diagnostic;
use super::model::Model;
use super::path::{Path, Step};
use super::schema::{Attribute, Block, Usage};
use super::typed::Typed;
use super::types::Type;

/// A function.
#[async_trait]
pub trait Function: Send + Sync + Sized + 'static {
    /// The parameters, in the order of declaration: required ones first; an optional list at the end stands for any number of further
    /// arguments. All arguments are known, and none is null.
    type Arguments: Model;

    /// What it returns.
    type Output: Typed + Send;

    /// The name in HCL, after `provider::…::`.
    const NAME: &'static str;

    /// What it computes, in one line.
    const SUMMARY: &'static str;

    /// The result. Dropped where it stands when the user stops the run.
    ///
    /// # Errors
    /// Why there is none, at the argument that is to blame.
    async fn call(&self, arguments: Self::Arguments) -> Result<Self::Output, Diagnostic>;
}

/// How a function is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// What it computes, in one line.
    pub summary: &'static str,
    /// Markdown.
    pub description: String,
    /// The parameters that each call has an argument for.
    pub parameters: Vec<Attribute>,
    /// The parameter of all further arguments; its type is that of one of them.
    pub variadic: Option<Attribute>,
    /// The type of the result.
    pub returns: Type,
}

/// Why a function has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// What the user reads.
    pub text: String,
    /// The argument that is to blame, from 0.
    pub argument: Option<usize>,
}

/// An error that is about no argument.
impl From<Diagnostic> for FunctionError {
    fn from(Diagnostic { summary, detail, .. }: Diagnostic) -> FunctionError {
        // Core makes it the end of a sentence, to which it puts a full stop itself.
        let detail = detail.trim_end_matches('.');
        FunctionError { text: format!("{summary}: {detail}"), argument: None }
    }
}

impl Signature {
    /// The signature of `F`.
    #[must_use]
    pub fn of<F: Function>() -> Signature {
        let Block { description, attributes, .. } = F::Arguments::block().clone();
        let (parameters, others): (Vec<_>, Vec<_>) =
            attributes.into_iter().partition(|attribute| attribute.usage == Usage::Required);
        let variadic = others.into_iter().find_map(|attribute| match attribute.ty {
            Type::List(element) => Some(Attribute { ty: *element, ..attribute }),
            _ => None,
        });
        Signature { summary: F::SUMMARY, description, parameters, variadic, returns: F::Output::ty() }
    }

    /// The parameter of the argument at `position`; nothing where there are too many arguments.
    #[must_use]
    pub fn parameter(&self, position: usize) -> Option<&Attribute> {
        self.parameters.get(position).or(self.variadic.as_ref())
    }

    /// The position of the argument that `path` leads to.
    fn position(&self, path: &Path) -> Option<usize> {
        let (Step::Attribute(name), deeper) = path.steps().split_first()? else { return None };
        let fixed = self.parameters.iter().position(|parameter| parameter.name == name);
        let further = || {
            self.variadic.as_ref().filter(|parameter| parameter.name == name)?;
            let index = match deeper.first() {
                Some(Step::Index(index)) => usize::try_from(*index).ok()?,
                _ => 0,
            };
            Some(self.parameters.len() + index)
        };
        fixed.or_else(further)
    }

    /// A diagnostic, as far as a function can tell it.
    #[must_use]
    pub fn error(&self, diagnostic: Diagnostic) -> FunctionError {
        let argument = self.position(&diagnostic.path);
        FunctionError { argument, ..diagnostic.into() }
    }
}
