//! Selectors of labels: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/>.

use super::form::Form::{List, Many, Word};
use super::form::Law::{Demands, Excludes, Needs, Other};
use super::form::{LABEL_VALUE, Part, QUALIFIED};
use super::workload_laws::selects_something;

/// Its `matchLabels` are judged as labels are.
pub(super) static LABEL_SELECTOR: Part = Part { fields: &[("matchExpressions", Many(&EXPRESSION))], laws: &[] };

/// One that may not be empty.
pub(super) static OWN_SELECTOR: Part =
    Part { fields: &[("matchExpressions", Many(&EXPRESSION))], laws: &[Other(selects_something)] };

static EXPRESSION: Part = Part {
    fields: &[
        ("key", QUALIFIED),
        ("operator", Word(&["In", "NotIn", "Exists", "DoesNotExist"])),
        ("values", List(&LABEL_VALUE)),
    ],
    laws: &[
        Needs(&["key", "operator"]),
        Demands("operator", &["In", "NotIn"], &["values"]),
        Excludes("operator", &["Exists", "DoesNotExist"], &["values"]),
    ],
};
