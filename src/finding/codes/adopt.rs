//! Adopting what another tool renders.

rules! {
    UNREADABLE = Error "adopt/unreadable",
        "a document to adopt means different things to different readers, or is none",
        "What is adopted is read as `kubectl` and CloudFormation read it. Where readers differ, by a tag of another tool or a \
         merge key that brings what stands above it as well, nobody could say what is to be rendered.";
    TWICE = Error "adopt/twice",
        "an environment has an object twice",
        "Objects are told apart by group, kind, namespace and name. Of two that are the same, one would be lost when they are applied.";
    NOT_EQUAL = Error "adopt/not-equal",
        "what would be rendered is not what is adopted",
        "Before anything is written, `platc adopt` renders it in memory and compares object by object: the same values after \
         reading, and lists in the same order. What is not equal is not adopted, and nothing is written.";
}
