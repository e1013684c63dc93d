use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use rustix::{
    fd::{AsFd as _, BorrowedFd, OwnedFd},
    fs::{AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags},
};

use super::{Fs, Item, ItemKind, NewFile};

/// A ledger's folder on a local disk.
///
/// Every path is walked from the open folder name by name without following links, so a link planted in the
/// ledger is an error and never leads elsewhere.
#[derive(Debug)]
pub struct RealFs {
    root: OwnedFd,
    syncs_at_once: bool,
}

/// The folder cannot hold a ledger.
#[derive(Debug, thiserror::Error)]
pub enum RealFsError {
    /// It lies on a file system whose locks and syncs cannot be relied on.
    #[error(
        "{} lies on a network file system ({kind}), where locks and syncs cannot be relied on; choose a state folder on a local disk",
        folder.display()
    )]
    Network {
        /// The folder.
        folder: PathBuf,
        /// The kind of file system.
        kind: String,
    },
    /// It cannot be opened or made.
    #[error("cannot open the folder {}", folder.display())]
    Open {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl RealFs {
    /// Opens `folder`, which exists, is not a link, and does not lie on a network file system.
    pub fn open(folder: &Path) -> Result<Self, RealFsError> {
        let failed = |source: io::Error| RealFsError::Open { folder: folder.to_owned(), source };
        let root =
            rustix::fs::openat(CWD, folder, FOLDER, Mode::empty()).map_err(|error| failed(error.into()))?;
        if let Some(kind) = network::kind(root.as_fd()).map_err(failed)? {
            return Err(RealFsError::Network { folder: folder.to_owned(), kind });
        }
        Ok(Self { root, syncs_at_once: syncfs::reports_errors() })
    }

    /// Opens `folder` wherever it lies: for what is not a ledger, such as [`crate::Heads`] in a home folder.
    pub fn open_anywhere(folder: &Path) -> Result<Self, RealFsError> {
        let root = rustix::fs::openat(CWD, folder, FOLDER, Mode::empty());
        let root =
            root.map_err(|error| RealFsError::Open { folder: folder.to_owned(), source: error.into() })?;
        Ok(Self { root, syncs_at_once: false })
    }

    /// As [`RealFs::open`], after making the folder (mode 0700) if it is not there. Its parent exists.
    pub fn create(folder: &Path) -> Result<Self, RealFsError> {
        let failed = |source: io::Error| RealFsError::Open { folder: folder.to_owned(), source };
        match rustix::fs::mkdirat(CWD, folder, Mode::RWXU) {
            Ok(()) => {
                let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
                let parent = rustix::fs::openat(
                    CWD,
                    parent.unwrap_or(Path::new(".")),
                    FOLDER - OFlags::NOFOLLOW,
                    Mode::empty(),
                );
                parent.and_then(rustix::fs::fsync).map_err(|error| failed(error.into()))?;
            }
            Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(failed(error.into())),
        }
        Self::open(folder)
    }

    /// Opens the folder that holds the last name of `path`, and gives both.
    fn walk<'a>(&self, path: &'a str) -> io::Result<(OwnedFd, &'a str)> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if matches!(name, "" | "." | "..") {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok((self.folder(folder)?, name))
    }

    fn folder(&self, path: &str) -> io::Result<OwnedFd> {
        let mut at = rustix::io::fcntl_dupfd_cloexec(&self.root, 0)?;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            if matches!(name, "." | "..") {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            at = rustix::fs::openat(&at, name, FOLDER, Mode::empty())?;
        }
        Ok(at)
    }
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Fs for RealFs {
    fn read(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let (folder, name) = self.walk(path)?;
        // Without NONBLOCK a planted pipe would hang the reader.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = File::from(rustix::fs::openat(&folder, name, flags, Mode::empty())?);
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a regular file"));
        }
        if metadata.len() > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        read_at_most(file, metadata.len(), limit)
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn NewFile>> {
        let (folder, name) = self.walk(path)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&folder, name, flags, Mode::RUSR | Mode::WUSR)?;
        Ok(Box::new(RealFile(file.into())))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let ((from, from_name), (to, to_name)) = (self.walk(from)?, self.walk(to)?);
        Ok(rustix::fs::renameat(&from, from_name, &to, to_name)?)
    }

    fn remove_file(&self, path: &str) -> io::Result<()> {
        let (folder, name) = self.walk(path)?;
        Ok(rustix::fs::unlinkat(&folder, name, AtFlags::empty())?)
    }

    fn remove_folder(&self, path: &str) -> io::Result<()> {
        let (folder, name) = self.walk(path)?;
        Ok(rustix::fs::unlinkat(&folder, name, AtFlags::REMOVEDIR)?)
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        let (folder, name) = self.walk(path)?;
        match rustix::fs::mkdirat(&folder, name, Mode::RWXU) {
            Err(rustix::io::Errno::EXIST) => self.folder(path).map(drop),
            done => Ok(done?),
        }
    }

    fn list(&self, path: &str) -> io::Result<Vec<Item>> {
        let folder = self.folder(path)?;
        let mut items = Vec::new();
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let mut kind = entry.file_type();
            if kind == FileType::Unknown {
                let stat = rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
                kind = FileType::from_raw_mode(stat.st_mode);
            }
            let kind = match kind {
                FileType::RegularFile if name.to_str().is_ok() => ItemKind::File,
                FileType::Directory if name.to_str().is_ok() => ItemKind::Folder,
                _ => ItemKind::Other,
            };
            items.push(Item { name: name.to_string_lossy().into_owned(), kind });
        }
        items.sort();
        Ok(items)
    }

    fn sync_folder(&self, path: &str) -> io::Result<()> {
        Ok(rustix::fs::fsync(self.folder(path)?)?)
    }

    fn syncs_at_once(&self, files: usize) -> bool {
        // A thousand files take twenty times as long one by one. For few it is the other way: `syncfs` waits for
        // what others have written to the same file system, too.
        self.syncs_at_once && files >= 64
    }

    fn sync_all(&self) -> io::Result<()> {
        syncfs::sync(self.root.as_fd())
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<Box<dyn Send>>> {
        let (folder, name) = self.walk(path)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&folder, name, flags, Mode::RUSR | Mode::WUSR)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            // The lock belongs to this open file and goes with it. If somebody has removed the file's name, the
            // next would lock another file; then this lock is worth nothing.
            Ok(()) => {
                let (held, named) =
                    (rustix::fs::fstat(&file)?, rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW));
                let same =
                    named.is_ok_and(|named| (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino));
                Ok(same.then(|| Box::new(file) as Box<dyn Send>))
            }
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Reads to the end, of a file that said it has `expected` bytes and may be growing.
fn read_at_most(file: File, expected: u64, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected).map_err(|_| io::ErrorKind::FileTooLarge)?);
    let mut file = file.take(limit.saturating_add(1));
    let mut chunk = [0; 16 * 1024];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if bytes.len() as u64 > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

#[derive(Debug)]
struct RealFile(File);

impl NewFile for RealFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

/// `syncfs(2)`: one call for all files of a large batch.
#[cfg(target_os = "linux")]
mod syncfs {
    use super::{BorrowedFd, io};

    pub(super) fn sync(folder: BorrowedFd<'_>) -> io::Result<()> {
        Ok(rustix::fs::syncfs(folder)?)
    }

    /// Before Linux 5.8 `syncfs` keeps write errors to itself (syncfs(2), "Versions").
    pub(super) fn reports_errors() -> bool {
        let uname = rustix::system::uname();
        let release = uname.release().to_string_lossy();
        let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map_while(|n| n.parse::<u32>().ok());
        (numbers.next(), numbers.next()) >= (Some(5), Some(8))
    }
}

#[cfg(not(target_os = "linux"))]
mod syncfs {
    use super::{BorrowedFd, io};

    pub(super) fn sync(_folder: BorrowedFd<'_>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn reports_errors() -> bool {
        false
    }
}

/// Which file systems are refused: those where another machine keeps the bytes, so that a lock may be local only and
/// a sync may end at a cache.
#[cfg(target_os = "linux")]
mod network {
    use super::{BorrowedFd, File, io, read_at_most};

    /// `f_type` of statfs(2): linux/magic.h, and for those outside the kernel tree the sources they name.
    const REFUSED: [(u64, &str); 19] = [
        (0x6969, "nfs"),
        (0x517b, "smb"),
        (0xfe53_4d42, "smb2"),
        (0xff53_4d42, "cifs"),
        (0x564c, "ncp"),
        (0x5346_414f, "afs"),
        (0x6b41_4653, "afs"),
        (0x7375_7245, "coda"),
        (0x0102_1997, "9p"),
        (0x00c3_6400, "ceph"),
        (0x0bd0_0bd0, "lustre"), // lustre/include/uapi/linux/lustre/lustre_user.h
        (0x0116_1970, "gfs2"),
        (0x7461_636f, "ocfs2"),
        (0x4750_4653, "gpfs"),   // IBM Storage Scale
        (0xaad7_aaea, "panfs"),  // coreutils stat.c
        (0x786f_4256, "vboxsf"), // fs/vboxsf/super.c
        (0xbacb_acbc, "vmhgfs"), // coreutils stat.c
        (0x7c7c_6673, "prl_fs"), // coreutils stat.c
        (0x2003_0528, "orangefs"),
    ];

    const FUSE: u64 = 0x6573_5546;

    /// FUSE file systems known to keep their bytes on this machine's disk (`fuse-overlayfs` and virtiofs under
    /// containers and virtual machines). Any other, such as `fuse.sshfs`, is refused.
    const LOCAL_FUSE: [&str; 6] =
        ["fuseblk", "virtiofs", "fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.mergerfs", "fuse.bindfs"];

    /// The kind of file system, if it is refused.
    pub(super) fn kind(folder: BorrowedFd<'_>) -> io::Result<Option<String>> {
        // The field is signed on some targets and 32 bits wide on others; the magic numbers have 32 bits.
        let field = i128::from(rustix::fs::fstatfs(folder)?.f_type);
        let magic = u64::try_from(field & 0xffff_ffff).unwrap_or_default();
        let mount = if magic == FUSE { mount_kind(folder)? } else { None };
        Ok(refused(magic, mount.as_deref()))
    }

    pub(super) fn refused(magic: u64, mount: Option<&str>) -> Option<String> {
        if magic == FUSE {
            return match mount {
                Some(kind) if LOCAL_FUSE.contains(&kind) => None,
                kind => Some(kind.unwrap_or("fuse").to_owned()),
            };
        }
        REFUSED.iter().find(|(number, _)| *number == magic).map(|(_, name)| (*name).to_owned())
    }

    /// The type of the mount that the folder lies on, from the mount table.
    fn mount_kind(folder: BorrowedFd<'_>) -> io::Result<Option<String>> {
        const MOST: u64 = 4 << 20;
        let device = rustix::fs::fstat(folder)?.st_dev;
        let device = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
        let table = read_at_most(File::open("/proc/self/mountinfo")?, 0, MOST)?;
        Ok(kind_in(&String::from_utf8_lossy(&table), &device))
    }

    /// In `proc_pid_mountinfo(5)` the third field is the device and the first after ` - ` the type.
    pub(super) fn kind_in(table: &str, device: &str) -> Option<String> {
        table.lines().find_map(|line| {
            let (mount, source) = line.split_once(" - ")?;
            (mount.split(' ').nth(2)? == device)
                .then(|| source.split(' ').next().unwrap_or("fuse").to_owned())
        })
    }
}

#[cfg(not(target_os = "linux"))]
mod network {
    use super::{BorrowedFd, io};

    /// Elsewhere the kinds have no numbers that stay the same; nothing is refused.
    pub(super) fn kind(_folder: BorrowedFd<'_>) -> io::Result<Option<String>> {
        Ok(None)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::network::{kind_in, refused};

    #[test]
    fn network_file_systems_are_refused_by_name() {
        let cases = [
            (0x6969, None, Some("nfs")),
            (0xfe53_4d42, None, Some("smb2")),
            (0x0102_1997, None, Some("9p")),
            (0x00c3_6400, None, Some("ceph")),
            (0x6573_5546, Some("fuse.sshfs"), Some("fuse.sshfs")),
            (0x6573_5546, Some("fuse.rclone"), Some("fuse.rclone")),
            (0x6573_5546, None, Some("fuse")),
            (0x6573_5546, Some("fuse.fuse-overlayfs"), None),
            (0x6573_5546, Some("virtiofs"), None),
            (0xef53, None, None),      // ext4
            (0x0102_1994, None, None), // tmpfs
            (0x9123_683e, None, None), // btrfs
            (0x5846_5342, None, None), // xfs
            (0x794c_7630, None, None), // overlay
            (0x2fc1_2fc1, None, None), // zfs
        ];
        for (magic, mount, expected) in cases {
            assert_eq!(refused(magic, mount).as_deref(), expected, "{magic:x}");
        }
    }

    #[test]
    fn the_mount_table_tells_the_kind_of_a_fuse_file_system() {
        let table = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
            90 22 0:51 / /mnt/build\\040box rw,nosuid - fuse.sshfs build:/srv rw,user_id=0\n";
        assert_eq!(kind_in(table, "0:51").as_deref(), Some("fuse.sshfs"));
        assert_eq!(kind_in(table, "254:0").as_deref(), Some("ext4"));
        assert_eq!(kind_in(table, "0:5"), None);
        assert_eq!(kind_in("nonsense", "0:5"), None);
    }
}
