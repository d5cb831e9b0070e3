//! Findings about what does nothing.

rules! {
    UNUSED_ACKNOWLEDGEMENT = Warning "hygiene/unused-acknowledgement", "an acknowledgement that nothing is found for",
        "What it spoke of was mended, renamed or removed. It would silently accept the next finding of the same name. An acknowledgement in a layer that several environments share is only judged when all of them are validated together.";
}
