//! Selectors of labels: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/>.

use super::form::Form::{Many, Text, Texts, Word};
use super::form::Law::{Demands, Excludes, Needs};
use super::form::Part;

/// Its `matchLabels` are judged as labels are.
pub(super) static LABEL_SELECTOR: Part = Part { fields: &[("matchExpressions", Many(&EXPRESSION))], laws: &[] };

static EXPRESSION: Part = Part {
    fields: &[("key", Text), ("operator", Word(&["In", "NotIn", "Exists", "DoesNotExist"])), ("values", Texts)],
    laws: &[
        Needs(&["key", "operator"]),
        Demands("operator", &["In", "NotIn"], &["values"]),
        Excludes("operator", &["Exists", "DoesNotExist"], &["values"]),
    ],
};
