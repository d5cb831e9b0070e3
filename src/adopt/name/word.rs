//! Words that can be names of settings.

/// Whether a template can say it behind a dot.
pub(in crate::adopt) fn is_identifier(text: &str) -> bool {
    let begins = text.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_');
    begins && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

/// `cert-manager.io` as `certManagerIo`. What begins with a number gets a letter in front.
pub(in crate::adopt) fn camel(text: &str) -> String {
    let mut name = String::new();
    for part in text.split(|char: char| !char.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        let is_word = part.chars().any(|char| char.is_ascii_lowercase());
        let part = if is_word { part.to_owned() } else { part.to_ascii_lowercase() };
        let mut chars = part.chars();
        let Some(first) = chars.next() else { continue };
        name.push(if name.is_empty() { first.to_ascii_lowercase() } else { first.to_ascii_uppercase() });
        name.extend(chars);
    }
    if name.starts_with(|char: char| char.is_ascii_digit()) {
        name.insert(0, 'v');
    }
    if name.is_empty() { "value".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_become_names() {
        for (text, wanted) in [
            ("cert-manager.io", "certManagerIo"),
            ("Deployment", "deployment"),
            ("LOG_LEVEL", "logLevel"),
            ("8080", "v8080"),
            ("nginx.conf", "nginxConf"),
            ("--", "value"),
        ] {
            assert_eq!(camel(text), wanted);
        }
        assert!(is_identifier("LOG_LEVEL") && !is_identifier("a-b") && !is_identifier("1a"));
    }
}
