//! What a run needs, made once from what was typed.
