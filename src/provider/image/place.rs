//! Where an image is that the configuration gives no place: it stays, whatever the defaults have become.

use super::model::ImageModel;
use crate::provider::connections::Place;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// The warnings about an image that is not where a new one would go, `default`.
pub(super) fn warnings(config: &ImageModel, prior: &ImageModel, default: &Place) -> Vec<Diagnostic> {
    let remote = stays("remote", &config.remote, &prior.remote, &default.remote);
    let project = stays("project", &config.project, &prior.project, &default.project);
    remote.into_iter().chain(project).collect()
}

fn stays(argument: &str, configured: &Attr<String>, is: &Attr<String>, default: &Attr<String>) -> Option<Diagnostic> {
    let (Attr::Null, Attr::Known(is), Attr::Known(default)) = (configured, is, default) else { return None };
    let detail = format!(
        "The default is {default:?} now, which counts for new images only. Say {argument} = {is:?} to keep the image where it is, \
         or {argument} = {default:?} to have it replaced by one there."
    );
    let warning = Diagnostic::warning(format!("The image stays in {argument} {is:?}"), detail);
    Some(warning.at(Path::attribute(argument))).filter(|_| is != default)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(remote: impl Into<Attr<String>>, project: impl Into<Attr<String>>) -> ImageModel {
        ImageModel { remote: remote.into(), project: project.into(), ..ImageModel::default() }
    }

    fn warned(config: &ImageModel, default: &Place) -> Vec<String> {
        let prior = image("there", "web");
        warnings(config, &prior, default).into_iter().map(|warning| warning.path.to_string()).collect()
    }

    #[test]
    fn an_image_is_missed_only_where_the_defaults_lead_elsewhere() {
        let nowhere = ImageModel::default();
        let place = |remote: Attr<String>, project: Attr<String>| Place { remote, project };
        assert_eq!(warned(&nowhere, &place("here".into(), "default".into())), ["remote", "project"]);
        assert_eq!(warned(&image("there", Attr::Null), &place("here".into(), "db".into())), ["project"]);
        assert!(warned(&image("there", "web"), &place("here".into(), "db".into())).is_empty());
        assert!(warned(&nowhere, &place("there".into(), "web".into())).is_empty());
        assert!(warned(&nowhere, &place(Attr::Unknown, Attr::Unknown)).is_empty());
    }
}
