"""Puts relocatable ELF objects into memory: x86-64 and aarch64, Linux. About a millisecond, where
importing LLVM costs fifty.

Sections go into one mapping: code first, then constants, tables and trampolines, then data. The
code is written, relocated, and only then made executable; nothing is ever writable and executable
at once.
"""

from __future__ import annotations

import ctypes
import functools
import mmap
import struct
from collections.abc import Iterator

from tfc.backend.errors import ArtifactError
from tfc.dialects.records import Record

_PAGE = mmap.PAGESIZE
_X86_64, _AARCH64 = 62, 183
_SHT_PROGBITS, _SHT_SYMTAB, _SHT_RELA, _SHT_NOBITS = 1, 2, 4, 8
_SHF_WRITE, _SHF_ALLOC, _SHF_EXEC, _SHF_TLS = 1, 2, 4, 0x400
_PROT_READ, _PROT_EXEC = 1, 4

_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELA = struct.Struct("<QQq")


class UnsupportedObject(ArtifactError):  # noqa: N818 - a condition, answered by falling back to LLVM's linker
    """An object with something this loader does not know."""


class _Section(Record, frozen=False):
    name_at: int
    kind: int
    flags: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    place: int = -1


@functools.cache
def _libraries() -> tuple[ctypes.CDLL, ...]:
    found = [ctypes.CDLL(None)]
    for name in ("libm.so.6", "libc.so.6", "libgcc_s.so.1"):
        try:
            found.append(ctypes.CDLL(name))
        except OSError:
            continue
    return tuple(found)


@functools.cache
def library_address(name: str) -> int:
    """Address of a C library function.

    Raises:
        UnsupportedObject: when no library of this process has it.
    """
    for library in _libraries():
        try:
            return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0
        except AttributeError:
            continue
    raise UnsupportedObject(f"undefined symbol {name}")


class LoadedCode:
    """Objects in executable memory, linked to each other; the memory goes with the last reference.

    Raises:
        UnsupportedObject: on a machine, relocation or symbol this loader does not know.
        ArtifactError: when the bytes are not a whole object.

    Example:
        LoadedCode(image).address("tfc_entry")
    """

    def __init__(self, *images: bytes) -> None:
        try:
            self._load([_Object(image) for image in images])
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise ArtifactError(f"damaged object code: {error}") from None

    def address(self, symbol: str) -> int:
        """Address of a symbol that the object defines."""
        try:
            return self._symbols[symbol]
        except KeyError:
            raise ArtifactError(f"the object does not define {symbol}") from None

    def _load(self, objects: list[_Object]) -> None:
        machine = objects[0].machine
        exported = {name for item in objects for name in item.symbols.exported()}
        for item in objects:
            item.symbols.find_undefined(exported)
        sections = [section for item in objects for section in item.sections]
        table = 16 * sum(len(item.symbols.undefined) for item in objects)
        code_end, constants_end, total, got = _layout(sections, table)
        memory = mmap.mmap(-1, max(total, _PAGE), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        anchor = ctypes.c_char.from_buffer(memory)
        base = ctypes.addressof(anchor)
        self._symbols: dict[str, int] = {}
        for item in objects:
            item.copy_to(memory)
            item.symbols.place(item.sections, base, base + got)
            item.symbols.write_table(memory, got, machine)
            got += 24 * len(item.symbols.undefined)
            self._symbols |= item.symbols.defined()
        relocate = _x86_relocate if machine == _X86_64 else _aarch64_relocate
        for item in objects:
            symbols = item.symbols
            symbols.link(self._symbols)
            for section, entries in _relocations(item.image, item.sections):
                for offset, information, addend in entries:
                    place = section.place + offset
                    if not 0 <= offset < section.size:
                        raise ArtifactError("damaged object code: a relocation outside its section")
                    kind, index = information & 0xFFFFFFFF, information >> 32
                    relocate(memory, place, base + place, kind, symbols, index, addend)
        _protect(base, code_end, constants_end, machine)
        self._memory = (anchor, memory)


class _Object:
    """One relocatable object: its sections and symbols."""

    def __init__(self, image: bytes) -> None:
        if image[:6] != b"\x7fELF\x02\x01" or len(image) < 64:
            raise UnsupportedObject("not a little-endian 64-bit ELF object")
        kind, self.machine = struct.unpack_from("<HH", image, 16)
        if kind != 1 or self.machine not in (_X86_64, _AARCH64):
            raise UnsupportedObject(f"ELF type {kind} for machine {self.machine}")
        self.image = image
        self.sections = _sections(image)
        self.symbols = _Symbols(image, self.sections)

    def copy_to(self, memory: mmap.mmap) -> None:
        """Put the contents of the sections in their places."""
        for section in self.sections:
            if section.place >= 0 and section.kind != _SHT_NOBITS:
                data = self.image[section.offset : section.offset + section.size]
                if len(data) != section.size:
                    raise ArtifactError("damaged object code: a section is cut off")
                memory[section.place : section.place + section.size] = data


def _sections(image: bytes) -> list[_Section]:
    (start,) = struct.unpack_from("<Q", image, 40)
    size, count, _ = struct.unpack_from("<HHH", image, 58)
    if size != _SECTION.size or start + size * count > len(image):
        raise ArtifactError("damaged object code: no section headers")
    found: list[_Section] = []
    for position in range(count):
        name, kind, flags, _, offset, length, link, info, align, _ = _SECTION.unpack_from(
            image, start + position * size
        )
        found.append(_Section(name, kind, flags, offset, length, link, info, align))
    return found


def _layout(sections: list[_Section], table: int) -> tuple[int, int, int, int]:
    """Give every section its place; returns the ends of code and constants, the total and where the
    table goes.
    """
    position = 0
    ends: list[int] = []
    got = 0
    for wanted in (_SHF_EXEC, 0, _SHF_WRITE):
        for section in sections:
            if section.flags & _SHF_TLS:
                raise UnsupportedObject("thread-local data")
            flags = section.flags & (_SHF_WRITE | _SHF_EXEC)
            if not section.flags & _SHF_ALLOC or flags != wanted:
                continue
            align = max(section.align, 1)
            position = (position + align - 1) // align * align
            section.place = position
            position += section.size
        if wanted == _SHF_EXEC and table:
            # Trampolines are code, and their addresses (the global offset table) lie beside them,
            # read-only.
            got = (position + 15) // 16 * 16
            position = got + table + 8 * (table // 16)
        position = (position + _PAGE - 1) // _PAGE * _PAGE
        ends.append(position)
    return ends[0], ends[1], ends[2], got


class _Symbols:
    """The symbol table, and a slot and a trampoline for each symbol that none of the objects defines."""

    def __init__(self, image: bytes, sections: list[_Section]) -> None:
        self.entries: list[tuple[str, int, int, int]] = []
        self.undefined: dict[int, str] = {}
        self.elsewhere: dict[int, str] = {}
        self.addresses: list[int] = []
        self.slots: dict[int, int] = {}
        self._got = 0
        tables = [s for s in sections if s.kind == _SHT_SYMTAB]
        if not tables:
            return
        names = sections[tables[0].link]
        strings = image[names.offset : names.offset + names.size]
        data = image[tables[0].offset : tables[0].offset + tables[0].size]
        for name_at, information, _, section, value, _ in _SYMBOL.iter_unpack(data):
            name = strings[name_at : strings.index(b"\0", name_at)].decode() if name_at else ""
            self.entries.append((name, information, section, value))

    def exported(self) -> list[str]:
        """Names that other objects may use."""
        return [
            name
            for name, information, section, _ in self.entries
            if section and name and information >> 4
        ]

    def find_undefined(self, exported: set[str]) -> None:
        """Tell what another object defines from what none does."""
        for index, (name, _, section, _) in enumerate(self.entries):
            if section == 0 and index:
                (self.elsewhere if name in exported else self.undefined)[index] = name
        self.slots = {index: k for k, index in enumerate(self.undefined)}

    def link(self, known: dict[str, int]) -> None:
        """Fill in the addresses of what other objects define."""
        for index, name in self.elsewhere.items():
            self.addresses[index] = known[name]

    def place(self, sections: list[_Section], base: int, got: int) -> None:
        self._got = got
        for index, (name, _, section, value) in enumerate(self.entries):
            if index in self.undefined:
                self.addresses.append(library_address(name))
            elif index in self.elsewhere:
                self.addresses.append(0)
            elif section >= 0xFF00:
                if section != 0xFFF1:  # SHN_ABS
                    raise UnsupportedObject("common symbols")
                self.addresses.append(value)
            else:
                self.addresses.append(base + max(sections[section].place, 0) + value)

    def write_table(self, memory: mmap.mmap, got: int, machine: int) -> None:
        """For each undefined symbol a slot with its address, and after the slots a jump through it."""
        count = len(self.undefined)
        for index, slot in self.slots.items() if count else ():
            at = got + 8 * slot
            memory[at : at + 8] = self.addresses[index].to_bytes(8, "little")
            jump = got + 8 * count + 16 * slot
            distance = at - jump
            if machine == _X86_64:  # jmp *distance(%rip)
                code = b"\xff\x25" + struct.pack("<i", distance - 6)
            else:  # ldr x16, distance; br x16
                code = struct.pack("<II", 0x58000010 | ((distance // 4) & 0x7FFFF) << 5, 0xD61F0200)
            memory[jump : jump + len(code)] = code

    def slot(self, index: int) -> int:
        """Address of the word that holds the symbol's address."""
        if index not in self.undefined:
            raise UnsupportedObject("a global offset table entry for a symbol of the object")
        return self._got + 8 * self.slots[index]

    def callable(self, index: int) -> int:
        """Address to branch to: near, whatever the symbol's own is."""
        if index not in self.undefined:
            return self.addresses[index]
        return self._got + 8 * len(self.undefined) + 16 * self.slots[index]

    def defined(self) -> dict[str, int]:
        return {
            entry[0]: address
            for entry, address in zip(self.entries, self.addresses, strict=True)
            if entry[0] and entry[1] >> 4 and entry[2]
        }


def _relocations(
    image: bytes, sections: list[_Section]
) -> Iterator[tuple[_Section, Iterator[tuple[int, int, int]]]]:
    for section in sections:
        if section.kind == _SHT_RELA and sections[section.info].place >= 0:
            data = image[section.offset : section.offset + section.size]
            yield sections[section.info], _RELA.iter_unpack(data)


def _put(memory: mmap.mmap, at: int, value: int, size: int, signed: bool = True) -> None:
    try:
        memory[at : at + size] = value.to_bytes(size, "little", signed=signed)
    except OverflowError:
        raise UnsupportedObject("a relocation out of range") from None


def _x86_relocate(
    memory: mmap.mmap,
    at: int,
    address: int,
    kind: int,
    symbols: _Symbols,
    index: int,
    addend: int,
) -> None:
    if kind == 4 or (kind == 2 and index in symbols.undefined):  # PLT32, PC32 of a function
        _put(memory, at, symbols.callable(index) + addend - address, 4)
    elif kind == 2:  # PC32
        _put(memory, at, symbols.addresses[index] + addend - address, 4)
    elif kind == 1:  # 64
        value = (symbols.addresses[index] + addend) & (2**64 - 1)
        _put(memory, at, value, 8, signed=False)
    elif kind == 24:  # PC64
        _put(memory, at, symbols.addresses[index] + addend - address, 8)
    elif kind in (9, 41, 42):  # GOTPCREL, GOTPCRELX, REX_GOTPCRELX
        _put(memory, at, symbols.slot(index) + addend - address, 4)
    else:
        raise UnsupportedObject(f"x86-64 relocation {kind}")


#: Shift of the page offset in a load or store by the size it moves: LDST8, 16, 32, 64, 128.
_AARCH64_LOW = {277: 0, 278: 0, 284: 1, 285: 2, 286: 3, 299: 4}


def _aarch64_relocate(
    memory: mmap.mmap,
    at: int,
    address: int,
    kind: int,
    symbols: _Symbols,
    index: int,
    addend: int,
) -> None:
    def patch(bits: int) -> None:
        word = int.from_bytes(memory[at : at + 4], "little") | bits
        memory[at : at + 4] = word.to_bytes(4, "little")

    if kind in (282, 283):  # JUMP26, CALL26
        distance = symbols.callable(index) + addend - address
        if not -(1 << 27) <= distance < 1 << 27:
            raise UnsupportedObject("a branch out of range")
        patch((distance >> 2) & 0x3FFFFFF)
    elif kind in (275, 311):  # ADR_PREL_PG_HI21, ADR_GOT_PAGE
        target = symbols.slot(index) if kind == 311 else symbols.addresses[index] + addend
        pages = (target >> 12) - (address >> 12)
        if not -(1 << 20) <= pages < 1 << 20:
            raise UnsupportedObject("a page out of range")
        patch((pages & 3) << 29 | ((pages >> 2) & 0x7FFFF) << 5)
    elif kind in _AARCH64_LOW:
        low = (symbols.addresses[index] + addend) & 0xFFF
        patch((low >> _AARCH64_LOW[kind]) << 10)
    elif kind == 312:  # LD64_GOT_LO12_NC
        patch(((symbols.slot(index) & 0xFFF) >> 3) << 10)
    elif kind == 257:  # ABS64
        value = (symbols.addresses[index] + addend) & (2**64 - 1)
        _put(memory, at, value, 8, signed=False)
    elif kind == 261:  # PREL32
        _put(memory, at, symbols.addresses[index] + addend - address, 4)
    else:
        raise UnsupportedObject(f"aarch64 relocation {kind}")


def _protect(base: int, code_end: int, constants_end: int, machine: int) -> None:
    """Make code executable and constants read-only; on aarch64 also tell the instruction cache."""
    mprotect = _mprotect()
    if code_end and mprotect(base, code_end, _PROT_READ | _PROT_EXEC):
        raise UnsupportedObject("this process may not make memory executable")
    if constants_end > code_end:
        mprotect(base + code_end, constants_end - code_end, _PROT_READ)
    if machine == _AARCH64 and code_end:
        flush = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(
            library_address("__clear_cache")
        )
        flush(base, base + code_end)


@functools.cache
def _mprotect() -> ctypes._NamedFuncPointer:  # pyright: ignore[reportPrivateUsage]
    function = _libraries()[0].mprotect
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return function
