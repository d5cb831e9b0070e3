//! What a file or a folder has besides its permissions: owner, group, extended attributes and with them access lists. What
//! takes its place gets them as well, as far as this user may give them.

use std::os::fd::BorrowedFd;

use rustix::fs::{self, Gid, Uid};

/// Makes a fresh file or folder like the one that stands, before anything is put into it: what comes into a folder takes
/// access lists from it. Permissions follow later, as a folder may be read-only.
pub(super) fn carry(from: BorrowedFd<'_>, (owner, group): (u32, u32), to: BorrowedFd<'_>) {
    let Ok(fresh) = fs::fstat(to) else { return };
    // Each by itself: who may not give something away may still give it a group of his own.
    if fresh.st_gid != group {
        let _ = fs::fchown(to, None, Some(Gid::from_raw(group)));
    }
    if fresh.st_uid != owner {
        let _ = fs::fchown(to, Some(Uid::from_raw(owner)), None);
    }
    let _ = extended(from, to);
}

/// Copies the extended attributes that users and access lists have.
#[cfg(target_os = "linux")]
fn extended(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> rustix::io::Result<()> {
    const ROOM: usize = 64 << 10; // as much as Linux allows
    let mut names = vec![0; ROOM];
    let length = fs::flistxattr(from, &mut names[..])?;
    let mut value = if length > 0 { vec![0; ROOM] } else { Vec::new() };
    for name in names[..length].split(|&byte| byte == 0) {
        if name.starts_with(b"user.") || name.starts_with(b"system.posix_acl_") {
            let length = fs::fgetxattr(from, name, &mut value[..])?;
            fs::fsetxattr(to, name, &value[..length], fs::XattrFlags::empty())?;
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn extended(_: BorrowedFd<'_>, _: BorrowedFd<'_>) -> rustix::io::Result<()> {
    Ok(())
}
