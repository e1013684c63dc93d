//! What programs by others make of our bytes, and we of theirs.

mod openssl;
