//! The opcodes of pickle protocols 0 to 5, as `pickletools` documents them.

/// An opcode's name and the first protocol that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opcode {
    pub(super) name: &'static str,
    pub(super) protocol: u8,
}

/// The highest protocol that there is.
pub(super) const HIGHEST_PROTOCOL: u8 = 5;

macro_rules! opcodes {
    ($($name:ident = $byte:literal, $protocol:literal;)*) => {
        $(pub(super) const $name: u8 = $byte;)*

        /// The opcode that a byte stands for.
        pub(super) const fn opcode(byte: u8) -> Option<Opcode> {
            match byte {
                $($name => Some(Opcode { name: stringify!($name), protocol: $protocol }),)*
                _ => None,
            }
        }
    };
}

opcodes! {
    MARK = b'(', 0;
    STOP = b'.', 0;
    POP = b'0', 0;
    POP_MARK = b'1', 1;
    DUP = b'2', 0;
    FLOAT = b'F', 0;
    INT = b'I', 0;
    BININT = b'J', 1;
    BININT1 = b'K', 1;
    LONG = b'L', 0;
    BININT2 = b'M', 1;
    NONE = b'N', 0;
    PERSID = b'P', 0;
    BINPERSID = b'Q', 1;
    REDUCE = b'R', 0;
    STRING = b'S', 0;
    BINSTRING = b'T', 1;
    SHORT_BINSTRING = b'U', 1;
    UNICODE = b'V', 0;
    BINUNICODE = b'X', 1;
    APPEND = b'a', 0;
    BUILD = b'b', 0;
    GLOBAL = b'c', 0;
    DICT = b'd', 0;
    EMPTY_DICT = b'}', 1;
    APPENDS = b'e', 1;
    GET = b'g', 0;
    BINGET = b'h', 1;
    INST = b'i', 0;
    LONG_BINGET = b'j', 1;
    LIST = b'l', 0;
    EMPTY_LIST = b']', 1;
    OBJ = b'o', 1;
    PUT = b'p', 0;
    BINPUT = b'q', 1;
    LONG_BINPUT = b'r', 1;
    SETITEM = b's', 0;
    TUPLE = b't', 0;
    EMPTY_TUPLE = b')', 1;
    SETITEMS = b'u', 1;
    BINFLOAT = b'G', 1;
    BINBYTES = b'B', 3;
    SHORT_BINBYTES = b'C', 3;
    PROTO = 0x80, 2;
    NEWOBJ = 0x81, 2;
    EXT1 = 0x82, 2;
    EXT2 = 0x83, 2;
    EXT4 = 0x84, 2;
    TUPLE1 = 0x85, 2;
    TUPLE2 = 0x86, 2;
    TUPLE3 = 0x87, 2;
    NEWTRUE = 0x88, 2;
    NEWFALSE = 0x89, 2;
    LONG1 = 0x8a, 2;
    LONG4 = 0x8b, 2;
    SHORT_BINUNICODE = 0x8c, 4;
    BINUNICODE8 = 0x8d, 4;
    BINBYTES8 = 0x8e, 4;
    EMPTY_SET = 0x8f, 4;
    ADDITEMS = 0x90, 4;
    FROZENSET = 0x91, 4;
    NEWOBJ_EX = 0x92, 4;
    STACK_GLOBAL = 0x93, 4;
    MEMOIZE = 0x94, 4;
    FRAME = 0x95, 4;
    BYTEARRAY8 = 0x96, 5;
    NEXT_BUFFER = 0x97, 5;
    READONLY_BUFFER = 0x98, 5;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_sixty_eight_opcodes() {
        assert_eq!((0..=255).filter(|&byte| opcode(byte).is_some()).count(), 68);
        assert_eq!(opcode(STACK_GLOBAL), Some(Opcode { name: "STACK_GLOBAL", protocol: 4 }));
        assert_eq!(opcode(0), None);
    }
}
