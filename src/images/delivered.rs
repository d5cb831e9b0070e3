//! Objects with the images that Kustomize gives them, for those who judge an object by what it runs.

use std::collections::BTreeMap;

use super::kustomized::Kustomized;
use super::objects::of_pods;
use super::{Image, Part};
use crate::check::k8s::Object;
use crate::check::{Node, Place, View};
use crate::value::Value;
use crate::yaml::path::Step;

/// What becomes of a tree's objects by `images`.
#[derive(Debug, Default)]
pub struct Delivered<'v, 'a> {
    kustomized: Option<Kustomized<'v, 'a>>,
    /// By the numbers of their nodes.
    objects: BTreeMap<(usize, u32), &'v Object<'a>>,
}

/// An object as it is applied.
#[derive(Debug)]
pub struct Form {
    pub value: Value,
    /// Where an image of it was changed.
    pub by: Place,
}

impl<'v, 'a> Delivered<'v, 'a> {
    pub fn of(view: &'v View<'a>) -> Self {
        let changes = |own: &crate::check::Kustomization<'_>| own.root.get("images").is_some();
        if !view.kustomizations().iter().any(changes) {
            return Self::default();
        }
        let objects = view.objects().iter().map(|object| (object.root().number(), object)).collect();
        Self { kustomized: Some(Kustomized::of(view)), objects }
    }

    /// The forms of an object that differ from what the tree says: one for each way on which images are changed.
    pub fn forms(&self, node: &Node<'a>) -> Vec<Form> {
        let Some((kustomized, object)) = self.kustomized.as_ref().zip(self.objects.get(&node.number())) else {
            return Vec::new();
        };
        let images: Vec<_> = of_pods(object).into_iter().filter_map(|it| Some((it, it.text()?))).collect();
        let mut forms: Vec<Form> = Vec::new();
        for way in kustomized.ways(object) {
            let mut form: Option<Form> = None;
            for (image, text) in &images {
                let through = kustomized.through(way, Image::named(image, text));
                let place = image.place();
                let (Some(by), Some(steps)) = (through.changed_at(&place), place.way_from(&node.place())) else {
                    continue;
                };
                let form = form.get_or_insert_with(|| Form { value: node.value.clone(), by });
                put(&mut form.value, steps, &through.written());
            }
            forms.extend(
                form.filter(|form| form.value != *node.value && !forms.iter().any(|it| it.value == form.value)),
            );
        }
        forms
    }
}

impl Image {
    /// Where a part of it stands, if not where it was first.
    fn changed_at(&self, first: &Place) -> Option<Place> {
        self.parts().into_iter().find_map(|part| match part {
            Part::Set { at, .. } if at != first => Some(at.clone()),
            _ => None,
        })
    }

    /// As one text.
    fn written(&self) -> String {
        let before = |part: &Part, sign: &str| part.text().map(|text| format!("{sign}{text}")).unwrap_or_default();
        let registry = self.registry.text().map(|text| format!("{text}/")).unwrap_or_default();
        let repository = self.repository.text().unwrap_or_default();
        format!("{registry}{repository}{}{}", before(&self.tag, ":"), before(&self.digest, "@"))
    }
}

/// Puts a text where a way ends.
fn put(value: &mut Value, way: &[Step], text: &str) {
    match (way.split_first(), value) {
        (None, value) => *value = Value::String(text.into()),
        (Some((Step::Key(key), rest)), Value::Map(entries)) => {
            if let Some((_, below)) = entries.iter_mut().find(|(own, _)| own == key) {
                put(below, rest, text);
            }
        }
        (Some((Step::Index(index), rest)), Value::List(items)) => {
            if let Some(below) = items.get_mut(*index) {
                put(below, rest, text);
            }
        }
        _ => {}
    }
}
