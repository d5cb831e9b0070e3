//! The file that CloudFormation's Git sync reads for a stack.

use crate::check::view::repository::{Of, plain};
use crate::check::{Document, Node, Report, View, rule};
use crate::finding::suggest::{did_you_mean, nearest};

rule! {
    GIT_SYNC = Error "gitops/git-sync";
    summary: "a deployment file of Git sync with a key or a parameter that there is not";
    explanation: "CloudFormation reads `template-file-path`, `parameters` and `tags` from the file, and stops at any other key. Parameters that the template does not declare, and those without a default that get no value, are refused when the stack is to change, after the merge. Judged where the template lies in the tree.";
    wrong: "
        --- # dns/deployment.yaml
        template-file-path: dns/template.yaml
        parameters: {DomainName: example.org}
        --- # dns/template.yaml
        Parameters: {Domain: {Type: String}}
        Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: {Ref: Domain}}}}
    ";
    right: "
        --- # dns/deployment.yaml
        template-file-path: dns/template.yaml
        parameters: {Domain: example.org}
        --- # dns/template.yaml
        Parameters: {Domain: {Type: String}}
        Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: {Ref: Domain}}}}
    ";
}

const PATH: &str = "template-file-path";
const KEYS: [&str; 3] = [PATH, "parameters", "tags"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for document in view.meant().filter(|document| is_deployment(document)) {
        let root = document.root();
        for (key, node) in root.entries() {
            if KEYS.contains(&key) {
                continue;
            }
            let draft = report.at(&GIT_SYNC, &node, format!("a deployment file of Git sync has no key `{key}`"));
            draft.about_key();
            draft.help(
                did_you_mean(key, KEYS)
                    .unwrap_or_else(|| "it has `template-file-path`, `parameters` and `tags`".to_owned()),
            );
        }
        parameters(view, document, report);
    }
}

/// Whether it has the key that such a file needs, or nearly so and no others than such a file has.
fn is_deployment(document: &Document<'_>) -> bool {
    let root = document.root();
    if root.get("apiVersion").is_some() || root.get("Resources").is_some() {
        return false;
    }
    if root.text_at([PATH]).is_some() {
        return true;
    }
    let keys = root.entries();
    let near = |key: &str| KEYS.contains(&key) || nearest(key, KEYS).is_some();
    let is_nearly = keys.iter().any(|(key, _)| nearest(key, [PATH]).is_some());
    is_nearly && keys.iter().all(|(key, _)| near(key))
}

fn parameters(view: &View<'_>, document: &Document<'_>, report: &mut Report) {
    let root = document.root();
    let tree = view.repository();
    let path = root.text_at([PATH]).map(plain);
    let Some(inside) = path.and_then(|path| tree.inside(path)).filter(|inside| tree.has(inside, Of::File)) else {
        return;
    };
    let Some(template) = view.templates().iter().find(|template| template.document.path == inside) else { return };
    if template.is_transformed() {
        return;
    }
    let declared = template.document.root().get("Parameters");
    let known = template.names("Parameters");
    let given = root.get("parameters");
    for (name, node) in given.iter().flat_map(Node::entries) {
        if known.contains(&name) {
            continue;
        }
        let draft = report.at(&GIT_SYNC, &node, format!("`{inside}` has no parameter `{name}`"));
        draft.about_key().label("CloudFormation refuses it");
        let help = did_you_mean(name, known.iter().copied());
        draft.help(help.unwrap_or_else(|| "take it out, or declare it under `Parameters` there".to_owned()));
    }
    // Under a misspelt key they may stand.
    if given.is_none() && root.entries().iter().any(|(key, _)| nearest(key, ["parameters"]).is_some()) {
        return;
    }
    for (name, parameter) in declared.iter().flat_map(Node::entries) {
        let is_given = || given.as_ref().is_some_and(|given| given.get(name).is_some());
        // A name that is nearly the same is told there.
        let is_near = || given.iter().flat_map(Node::entries).any(|(own, _)| nearest(own, [name]).is_some());
        if parameter.get("Default").is_none() && !is_given() && !is_near() {
            let draft = report.at(&GIT_SYNC, given.unwrap_or(root), format!("the parameter `{name}` gets no value"));
            draft.also(parameter, "declared here without a `Default`").help("give it one here");
        }
    }
}
