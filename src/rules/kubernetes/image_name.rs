//! Names of images that no registry has.

use std::cell::OnceCell;

use super::fields::say_unchanged;
use crate::check::k8s::Object;
use crate::check::view::overlays::Overlays;
use crate::check::{Node, Report, View, rule};
use crate::images::name::{is_component, is_digest, is_host, is_tag};
use crate::rules::link::key;

rule! {
    IMAGE_NAME = Error "kubernetes/image-name";
    summary: "an image name that the container runtime refuses";
    explanation: "The name of an image is in lower case, its tag has at most 128 letters, digits, `_`, `.` and `-`, and a digest is `sha256:` with 64 digits. Otherwise the pod stays in `InvalidImageName`. A version such as `1.4.0+build.7` cannot be a tag, nor can nothing, as in `web:`. A chart joins `image.repository` and `image.tag`: what stands in both is there twice.";
    wrong: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {containers: [{name: web, image: 'example.com/web:1.4.0+build.7'}]}
    ";
    right: "
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: web}
        spec: {containers: [{name: web, image: 'example.com/web:1.4.0-build.7'}]}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let (mut overlays, replaced) = (None, OnceCell::new());
    for object in view.objects() {
        let mut found = Report::default();
        for image in object.containers().iter().filter_map(|container| container.get("image")) {
            let Some(name) = image.text() else { continue };
            if let Some((scheme, rest)) = name.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) {
                found
                    .at(&IMAGE_NAME, &image, format!("`{name}` is not the name of an image"))
                    .about(name, &name[..scheme.len() + 3])
                    .label("a name has no scheme")
                    .help(format!("write `{rest}`"));
                continue;
            }
            if !is_whole(name) {
                continue;
            }
            let Some(fault) = fault(name) else { continue };
            if is_replaced(replaced.get_or_init(|| Overlays::of(view)), object, name) {
                continue;
            }
            let draft = found.at(&IMAGE_NAME, &image, format!("`{name}` is not the name of an image"));
            match joined(name) {
                Some((part, label, help)) => draft.about(name, part).label(label).help(help),
                None => draft.label(fault).help("write `registry/repository:tag`, or `registry/repository@sha256:…`"),
            };
        }
        say_unchanged(view, object, found, &mut overlays, report);
    }
    for values in view.values() {
        values.walk(&mut |node| {
            if key(node).is_some_and(|key| key == "image" || key.ends_with("Image")) {
                in_values(node, report);
            }
        });
    }
}

/// What went wrong where a name and a tag were put together: the part that is too much, what it is, and what to do.
fn joined(image: &str) -> Option<(&str, &'static str, String)> {
    // A colon in the first part is that of a port.
    let begin = image.find('/').unwrap_or(0);
    let colon = begin + image.get(begin..)?.find(':')?;
    let (name, rest) = (image.get(..colon)?, image.get(colon + 1..)?);
    if let Some(tag) = rest.strip_prefix(':').filter(|tag| is_tag(tag)) {
        return Some((rest, "the colon is there already", format!("leave the `:` out: `{tag}`")));
    }
    let (first, tag) = rest.split_once(':').filter(|(_, tag)| is_tag(tag))?;
    if first.contains('/') {
        return Some((rest, "a whole image where only a tag is wanted", format!("write `{tag}`, the tag alone")));
    }
    is_tag(first).then(|| {
        (
            first,
            "a tag already",
            format!("leave one of the two tags out, `{first}` or `{tag}`; the repository is `{name}`"),
        )
    })
}

/// Whether Kustomize, or who calls it, puts another name in its place: a list `images` has it, or it is of words in
/// capital letters, as for `kustomize edit set image`, and a kustomization takes it in.
fn is_replaced(overlays: &Overlays<'_, '_>, object: &Object<'_>, image: &str) -> bool {
    let over = overlays.over(object.document.path);
    let is_capital = |part: &str| part.len() > 2 && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let is_it = |own: &str| image.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@']));
    (!over.is_empty() && image.split(['/', ':']).any(is_capital))
        || over.iter().flat_map(|it| it.list(["images"])).any(|it| it.text_at(["name"]).is_some_and(is_it))
}

/// `{repository: …, tag: …}`
fn in_values(image: &Node<'_>, report: &mut Report) {
    let (Some(repository), Some(tag)) = (image.get("repository"), image.get("tag")) else { return };
    let (Some(name), Some(version)) = (repository.text(), tag.text().filter(|tag| !tag.is_empty())) else { return };
    if !is_whole(name) || !is_whole(version) {
        return;
    }
    let own = name.rsplit('/').next().and_then(|last| last.split_once(':')).map(|(_, own)| own);
    if let Some(own) = own {
        report
            .at(&IMAGE_NAME, &repository, format!("the image gets two tags: `{name}:{version}`"))
            .about(name, own)
            .label("a tag already")
            .also(&tag, "the other")
            .help("leave the tag to `tag`");
    } else if !is_digest(version) && !is_tag(version.split('@').next().unwrap_or_default()) {
        report
            .at(&IMAGE_NAME, &tag, format!("`{version}` cannot be the tag of an image"))
            .label(TAG)
            .help("name a tag that the registry has, such as `1.4.0`");
    }
}

/// What begins an address, and never the name of an image.
fn is_scheme(text: &str) -> bool {
    matches!(text, "http" | "https" | "docker" | "oci")
}

/// Not what a tool replaces first: `OpenShift` puts the image of a trigger in the place of a blank.
fn is_whole(name: &str) -> bool {
    !name.trim().is_empty() && !name.contains(['$', '{', '<']) && !name.contains("://")
}

const TAG: &str = "a tag has letters, digits, `_`, `.` and `-`, at most 128, and does not begin with `.` or `-`";

/// What is wrong with a name (<https://github.com/distribution/reference/blob/main/reference.go>).
fn fault(image: &str) -> Option<&'static str> {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return Some("a digest is `sha256:` and 64 digits from 0 to f");
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    let tag = last.split_once(':').map(|(_, tag)| tag);
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Some(TAG);
    }
    let path = name.strip_suffix(tag.unwrap_or_default()).map_or(name, |path| path.strip_suffix(':').unwrap_or(path));
    let mut parts = path.split('/');
    if path.contains('/') && path.split('/').next().is_some_and(is_host) {
        parts.next();
    }
    (!parts.all(is_component)).then_some("lower-case letters and digits, with single `.`, `_` or `-` within")
}

#[cfg(test)]
mod tests {
    use super::{fault, joined};

    #[test]
    fn a_name_and_a_tag_put_together_wrongly() {
        let part = |image| joined(image).map(|(part, ..)| part);
        assert_eq!(part("example.com/web::2.11"), Some(":2.11"));
        assert_eq!(part("example.com/web:example.com/web:2.11"), Some("example.com/web:2.11"));
        assert_eq!(part("example.com:5000/web:2.10:1.31"), Some("2.10"));
        assert_eq!(part("example.com:5000/web:2.10+a"), None);
        assert_eq!(part("example.com/web:2.10"), None);
    }

    #[test]
    fn names_of_images() {
        let digest = format!("web@sha256:{}", "0a".repeat(32));
        let both = format!("example.com/web:1@sha256:{}", "0a".repeat(32));
        let fine = [
            "nginx",
            "nginx:1.2",
            "library/nginx:1.2-alpine",
            "Example.com:5000/a/b_c/d-e:V1",
            "localhost/web",
            "a__b/c",
        ];
        for image in fine.into_iter().chain([digest.as_str(), both.as_str()]) {
            assert_eq!(fault(image), None, "{image}");
        }
        for image in
            ["web:", "web:1.0+2", "example.com/Web:1", "web:1:2", "a//b", "web@sha256:12", "web@1", "a b:1", "-web"]
        {
            assert!(fault(image).is_some(), "{image}");
        }
    }
}
