//! Findings of merging layers.

rules! {
    TYPE_CHANGE = Error "merge/type-change", "an overlay turns a map into something else, or back",
        "A layer that sets a scalar where another holds a map throws away everything below it. It is nearly always a slip of indentation.";
}
