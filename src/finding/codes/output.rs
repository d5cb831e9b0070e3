//! Findings about the tree: paths, collisions, files edited by hand.

rules! {
    HAND_EDITED = Error "output/hand-edited", "a file that platc wrote was changed by hand",
        "Rendering would throw the change away. Move it into the environment or the template, or restore the file.";
}
