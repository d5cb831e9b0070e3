//! What a `ConfigMap` or a Secret holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::words::is_written;
use crate::check::{Node, Report, View, rule};

rule! {
    DATA = Error "kubernetes/data";
    summary: "data of a `ConfigMap` or a `Secret` that the API server refuses";
    explanation: "A key becomes the name of a file: letters, digits, `-`, `_` and `.`, at most 253 characters. The `data` of a Secret and the `binaryData` of a ConfigMap are base64; text stands in a Secret's `stringData` (<https://kubernetes.io/docs/concepts/configuration/secret/>).";
    wrong: "
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: web}
        data: {web/settings.yaml: 'level: info'}
    ";
    right: "
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: web}
        data: {settings.yaml: 'level: info'}
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for kind in ["ConfigMap", "Secret"] {
        for object in view.objects_of("", kind) {
            for list in ["data", "stringData", "binaryData"] {
                let is_coded = matches!((kind, list), ("Secret", "data") | ("ConfigMap", "binaryData"));
                for (key, value) in object.root().get(list).map(|data| data.entries()).unwrap_or_default() {
                    judge_key(kind, key, &value, report);
                    if is_coded {
                        judge_value(kind, key, &value, report);
                    }
                }
            }
        }
    }
}

fn judge_key(kind: &str, key: &str, value: &Node<'_>, report: &mut Report) {
    let is_fit = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let is_key = (1..=253).contains(&key.len()) && key.chars().all(is_fit) && key != "." && !key.starts_with("..");
    if is_written(key) && !is_key {
        report
            .at(&DATA, value, format!("`{key}` cannot be a key of a {kind}"))
            .about_key()
            .label("only letters, digits, `-`, `_` and `.`, at most 253, and no `..` in front");
    }
}

fn judge_value(kind: &str, key: &str, value: &Node<'_>, report: &mut Report) {
    let Some(text) = value.text().filter(|text| is_written(text) && !text.contains(['<', '['])) else { return };
    // `ENC[…]` of SOPS and `<path:…>` of Argo CD's plugins are filled in first. The API server's reader of base64 passes over the ends of lines.
    let bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    if STANDARD.decode(&bytes).is_err() {
        let draft = report.at(&DATA, value, format!("`{key}` of the {kind} is not base64"));
        draft.concealing();
        if kind == "Secret" {
            draft.help("put text under `stringData`");
        }
    }
}
