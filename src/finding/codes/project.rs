//! Findings about the project itself: `platc.yaml`, folders, names, files that cannot be read.

rules! {
    UNREADABLE = Error "project/unreadable", "a file of the project cannot be read",
        "platc reads regular files inside the project only. A link that leads out of it, a device, a pipe or a file that is not UTF-8 text is refused, because a pull request could use it to read what it should not.";
    NOT_TEXT = Error "project/not-text", "a file of the project is not UTF-8 text",
        "Layers, templates and schemas are UTF-8. A byte that is not, a control character, or UTF-16 as some Windows editors write it, would reach the output or be read as something else there.";
    BYTE_ORDER_MARK = Warning "project/byte-order-mark", "a file begins with a byte order mark",
        "UTF-8 needs none, and tools that do not expect it take it for part of the first key. platc reads the file as if it were not there.";
    LINE_ENDS = Warning "project/line-ends", "a file has Windows line ends (CRLF)",
        "platc reads them as LF and writes LF. They come from an editor or from git's `core.autocrlf`; `* text=auto eol=lf` in `.gitattributes` ends them.";
}
