/// The plain cells of a row in two pieces of memory, however many they are.
///
/// A collection of cells of which each is a copy; loops over many rows read them in place by `withUnsafeCells`. A row holds
/// its cells in the order of their keys: whoever appends out of order sorts.
public struct PlainCells: Sendable {
    /// A cell as it lies in memory that belongs to somebody else.
    public struct UnsafeCell {
        public let field: UInt64
        /// The element's canonical bytes; empty for a register.
        public let element: UnsafeRawBufferPointer
        public let value: UnsafeRawBufferPointer

        /// Whether the cell's key comes before another.
        public func precedes(_ key: CellKey) -> Bool {
            field != key.field ? field < key.field : element.lexicographicallyPrecedes(key.element)
        }

        /// Whether this is the cell with a key.
        @inline(__always)
        func has(_ key: CellKey) -> Bool { field == key.field && key.element.withUnsafeBytes { areEqual(element, $0) } }

        /// Whether another cell has the same key and value.
        @inline(__always)
        public func holdsSame(as other: UnsafeCell) -> Bool {
            field == other.field && areEqual(element, other.element) && areEqual(value, other.value)
        }
    }

    /// All cells as they lie in memory; valid within the access that gave them.
    public struct UnsafeCells {
        fileprivate let bytes: UnsafeRawBufferPointer
        fileprivate let places: UnsafeBufferPointer<Place>

        public var count: Int { places.count }

        public subscript(_ index: Int) -> UnsafeCell {
            let place = places[index]
            return UnsafeCell(
                field: place.field,
                element: UnsafeRawBufferPointer(rebasing: bytes[Int(place.start)..<Int(place.middle)]),
                value: UnsafeRawBufferPointer(rebasing: bytes[Int(place.middle)..<Int(place.end)]))
        }
    }

    /// Where a cell's element and, after it, its value lie.
    fileprivate struct Place: Sendable {
        let field: UInt64
        let start: UInt32, middle: UInt32, end: UInt32
    }

    private var bytes: [UInt8] = []
    private var places: [Place] = []

    public init() {}

    public init(_ cells: some Sequence<CompactRow.PlainCell>) {
        for cell in cells { append(cell) }
    }

    // MARK: Reading

    /// The number of the field to which a cell belongs.
    public func field(at index: Int) -> UInt64 { places[index].field }

    /// Whether a cell is an element of a set.
    public func isElement(at index: Int) -> Bool { places[index].start < places[index].middle }

    /// The bytes of all elements and values.
    public var byteCount: Int { bytes.count }

    /// The value of a register; nil where it is not among the cells.
    public func value(of field: UInt64) -> [UInt8]? {
        guard let place = places.first(where: { $0.field == field && $0.start == $0.middle }) else { return nil }
        return Array(bytes[Int(place.middle)..<Int(place.end)])
    }

    /// The value of a cell; nil where it is not among the cells.
    public func value(in key: CellKey) -> [UInt8]? {
        if key.element.isEmpty { return value(of: key.field) }
        guard let place = places.first(where: { place in
            place.field == key.field && bytes[Int(place.start)..<Int(place.middle)].elementsEqual(key.element)
        }) else { return nil }
        return Array(bytes[Int(place.middle)..<Int(place.end)])
    }

    /// The elements of a set, in the order of the cells.
    public func elements(of field: UInt64) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for place in places where place.field == field { found.append(Array(bytes[Int(place.start)..<Int(place.middle)])) }
        return found
    }

    /// Whether the cells are in the order of their keys, no key twice.
    public var isInOrder: Bool {
        withUnsafeCells { cells in
            for index in 1..<Swift.max(cells.count, 1) where !PlainCells.isOrdered(cells[index - 1], cells[index]) { return false }
            return true
        }
    }

    /// Passes all cells without copying them.
    public func withUnsafeCells<Result>(_ body: (UnsafeCells) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { bytes in
            try places.withUnsafeBufferPointer { try body(UnsafeCells(bytes: bytes, places: $0)) }
        }
    }

    /// Copies of the cells that are not among others; both in the order of their keys.
    ///
    /// - Complexity: linear in both.
    public func cells(notIn others: PlainCells) -> [CompactRow.PlainCell] {
        indices(of: others, areShared: false).map { self[$0] }
    }

    /// Copies of the cells that are among others with the same value; both in the order of their keys.
    ///
    /// - Complexity: linear in both.
    public func cells(in others: PlainCells) -> [CompactRow.PlainCell] { indices(of: others, areShared: true).map { self[$0] } }

    /// The cells with other keys than these; both in the order of their keys.
    ///
    /// - Complexity: linear in both.
    public func without(_ keys: [CellKey]) -> PlainCells {
        withUnsafeCells { cells in
            var kept = PlainCells(), next = 0
            kept.reserveCapacity(cells: cells.count, bytes: byteCount)
            for index in 0..<cells.count {
                let cell = cells[index]
                while next < keys.count, !cell.precedes(keys[next]), !cell.has(keys[next]) { next += 1 }
                if next < keys.count, cell.has(keys[next]) { continue }
                kept.append(field: cell.field, writingElement: { $0 += cell.element }, writingValue: { $0 += cell.value })
            }
            return kept
        }
    }

    private func indices(of others: PlainCells, areShared: Bool) -> [Int] {
        withUnsafeCells { own in
            others.withUnsafeCells { others in
                var found: [Int] = [], next = 0
                for index in 0..<own.count {
                    while next < others.count, PlainCells.isOrdered(others[next], own[index]) { next += 1 }
                    let isShared = next < others.count && own[index].holdsSame(as: others[next])
                    if isShared == areShared { found.append(index) }
                }
                return found
            }
        }
    }

    // MARK: Building

    /// Makes room for so many cells, and for the bytes of so many elements and values.
    public mutating func reserveCapacity(cells: Int, bytes: Int) {
        places.reserveCapacity(cells)
        self.bytes.reserveCapacity(bytes)
    }

    /// Appends a copy of a cell.
    public mutating func append(_ cell: CompactRow.PlainCell) {
        append(field: cell.key.field, writingElement: { $0 += cell.key.element }, writingValue: { $0 += cell.value })
    }

    /// Appends a register whose value the closure appends; where it throws, the cells are as they were.
    public mutating func append<Failure: Error>(
        field: UInt64, writingValue: (inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        try append(field: field, writingElement: { (_: inout [UInt8]) throws(Failure) in }, writingValue: writingValue)
    }

    /// The same of an element, whose own bytes another closure appends; it is a register where that appends none.
    public mutating func append<Failure: Error>(
        field: UInt64, writingElement: (inout [UInt8]) throws(Failure) -> Void,
        writingValue: (inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        let start = bytes.count
        do throws(Failure) {
            try writingElement(&bytes)
            let middle = bytes.count
            try writingValue(&bytes)
            places.append(Place(field: field, start: UInt32(start), middle: UInt32(middle), end: UInt32(bytes.count)))
        } catch {
            bytes.removeSubrange(start...)
            throw error
        }
    }

    private static let fewCells = 64

    /// Puts the cells into the order of their keys; of several with one key the first appended stays.
    public mutating func sort() {
        bytes.withUnsafeBytes { bytes in
            func element(_ place: Place) -> Slice<UnsafeRawBufferPointer> { bytes[Int(place.start)..<Int(place.middle)] }
            func isOrdered(_ a: Place, _ b: Place) -> Bool {
                if a.field != b.field { return a.field < b.field }
                if a.start == a.middle, b.start == b.middle { return false }
                return element(a).lexicographicallyPrecedes(element(b))
            }
            let kept = places.withUnsafeMutableBufferPointer { places in
                if places.count > PlainCells.fewCells {
                    places.sort { isOrdered($0, $1) || !isOrdered($1, $0) && $0.start < $1.start }
                }
                // A few cells, nearly in order: each goes back past those that it precedes.
                for index in places.indices.dropFirst() where isOrdered(places[index], places[index - 1]) {
                    let place = places[index]
                    var target = index
                    while target > 0, isOrdered(place, places[target - 1]) {
                        places[target] = places[target - 1]
                        target -= 1
                    }
                    places[target] = place
                }
                var kept = Swift.min(1, places.count)
                for index in places.indices.dropFirst() where isOrdered(places[kept - 1], places[index]) {
                    places[kept] = places[index]
                    kept += 1
                }
                return kept
            }
            places.removeSubrange(kept...)
        }
    }

    private static func isOrdered(_ a: UnsafeCell, _ b: UnsafeCell) -> Bool {
        a.field != b.field ? a.field < b.field : a.element.lexicographicallyPrecedes(b.element)
    }
}

/// Whether two pieces of memory hold the same bytes.
@inline(__always)
private func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    var at = 0
    while at + 8 <= a.count {
        if a.loadUnaligned(fromByteOffset: at, as: UInt64.self) != b.loadUnaligned(fromByteOffset: at, as: UInt64.self) { return false }
        at += 8
    }
    while at < a.count {
        if a[at] != b[at] { return false }
        at += 1
    }
    return true
}

extension PlainCells: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { places.count }

    /// A copy of a cell.
    public subscript(_ index: Int) -> CompactRow.PlainCell {
        let place = places[index]
        return CompactRow.PlainCell(
            key: CellKey(field: place.field, element: Array(bytes[Int(place.start)..<Int(place.middle)])),
            value: Array(bytes[Int(place.middle)..<Int(place.end)]))
    }
}

extension PlainCells: Hashable {
    public static func == (a: PlainCells, b: PlainCells) -> Bool {
        if a.count != b.count { return false }
        return a.withUnsafeCells { own in
            b.withUnsafeCells { other in (0..<own.count).allSatisfy { own[$0].holdsSame(as: other[$0]) } }
        }
    }

    public func hash(into hasher: inout Hasher) {
        withUnsafeCells { cells in
            for index in 0..<cells.count {
                hasher.combine(cells[index].field)
                hasher.combine(bytes: cells[index].element)
                hasher.combine(bytes: cells[index].value)
            }
        }
    }
}

extension PlainCells: ExpressibleByArrayLiteral {
    public init(arrayLiteral cells: CompactRow.PlainCell...) { self.init(cells) }
}
