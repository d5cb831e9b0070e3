//! Findings about the project itself: `platc.yaml`, folders, names, files that cannot be read.

rules! {
    UNREADABLE = Error "project/unreadable", "a file of the project cannot be read",
        "platc reads regular files inside the project only. A link that leads out of it, a device, a pipe or a file that is not UTF-8 text is refused, because a pull request could use it to read what it should not.";
}
