//! Patterns of paths: `*` stands for anything within one folder, `**` for anything at all, `?` for one character.

/// Whether a path matches. Every pattern is one; letters with another meaning elsewhere stand for themselves.
pub fn matches(pattern: &str, path: &str) -> bool {
    bytes_match(pattern.as_bytes(), path.as_bytes(), &mut 0)
}

/// The same, counting the letters that are looked at.
pub fn matches_counting(pattern: &str, path: &str, letters: &mut u64) -> bool {
    bytes_match(pattern.as_bytes(), path.as_bytes(), letters)
}

/// Keeps where to go on after the last `*` and the last `**` instead of trying all ways: no pattern is slow.
fn bytes_match(pattern: &[u8], path: &[u8], letters: &mut u64) -> bool {
    let (mut at, mut rest) = (0, 0);
    // Where the pattern goes on after the last `*` and `**`, and how much of the path they have taken.
    let mut star: Option<(usize, usize)> = None;
    let mut deep: Option<(usize, usize)> = None;
    loop {
        *letters += 1;
        if pattern[at..].starts_with(b"**") {
            at += 2;
            // `a/**/b` matches `a/b`, `**/b` matches `b`.
            if pattern.get(at) == Some(&b'/') && (rest == 0 || path[rest - 1] == b'/') {
                at += 1;
            }
            (deep, star) = (Some((at, rest)), None);
            continue;
        }
        match (pattern.get(at), path.get(rest)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                at += 1;
                star = Some((at, rest));
                continue;
            }
            (Some(b'?'), Some(letter)) if *letter != b'/' => {
                at += 1;
                // One character, however many bytes it has.
                rest += 1;
                while path.get(rest).is_some_and(|byte| byte & 0xc0 == 0x80) {
                    rest += 1;
                }
                continue;
            }
            (Some(wanted), Some(found)) if wanted == found && *wanted != b'?' => {
                at += 1;
                rest += 1;
                continue;
            }
            _ => {}
        }
        // A dead end: let the last `*` take one byte more, or, if that would leave the folder, the last `**`.
        if let Some((resume, taken)) = star
            && path.get(taken).is_some_and(|byte| *byte != b'/')
        {
            star = Some((resume, taken + 1));
            (at, rest) = (resume, taken + 1);
        } else if let Some((resume, taken)) = deep
            && taken < path.len()
        {
            // After `**/` only the beginning of a name will do.
            let mut next = taken + 1;
            if resume >= 1 && pattern[resume - 1] == b'/' {
                while next < path.len() && path[next - 1] != b'/' {
                    next += 1;
                }
            }
            (deep, star) = (Some((resume, next)), None);
            (at, rest) = (resume, next);
        } else {
            return false;
        }
    }
}
