/// A JSON document whose values stay where they stand in its text: of a page of records little is asked for, and what nobody asks for is not made.
///
/// Not to be changed once it is read.
final class JSONPlaces {
    /// Where one value or name stands.
    struct Mark {
        enum Kind: UInt8 {
            case null, yes, no, number, string, array, object
            /// A text with escapes, which is not what its bytes say.
            case escaped
        }

        /// Its bytes, of a text without the quotation marks.
        let start: UInt32
        var end: UInt32
        /// The index behind all that it holds.
        var behind: UInt32
        let kind: Kind
    }

    static let bytesMaximum = Int(UInt32.max)

    fileprivate let bytes: [UInt8]
    /// In the order of the text; a name stands before its value.
    fileprivate let marks: [Mark]

    /// As `JSON.init`.
    init?(_ bytes: [UInt8], valuesMaximum: Int) {
        let marks: [Mark]? = bytes.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(bytes: buffer, valuesLeft: valuesMaximum)
            return reader.readDocument() ? reader.marks : nil
        }
        guard let marks else { return nil }
        (self.bytes, self.marks) = (bytes, marks)
    }

    var root: JSONPlace { JSONPlace(document: self, index: 0) }

    fileprivate func text(_ mark: Mark) -> String {
        bytes.withUnsafeBufferPointer { bytes in
            if mark.kind != .escaped { return String(decoding: UnsafeBufferPointer(rebasing: bytes[Int(mark.start)..<Int(mark.end)]), as: UTF8.self) }
            var index = Int(mark.start)
            return JSONReader.unescaped(bytes, &index) ?? ""
        }
    }

    /// The value that a mark stands for; nil for an array or an object.
    @inline(__always)
    fileprivate func scalar(_ mark: Mark) -> JSON? {
        switch mark.kind {
        case .null: .null
        case .yes: .boolean(true)
        case .no: .boolean(false)
        case .number: .number(text(mark))
        case .string, .escaped: .string(text(mark))
        case .array, .object: nil
        }
    }

    /// Whether two texts without escapes have the same bytes.
    fileprivate func holdsSame(_ first: Mark, _ second: Mark) -> Bool {
        let count = Int(first.end - first.start)
        guard first.kind == .string, second.kind == .string, count == Int(second.end - second.start) else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            for place in 0..<count where bytes[Int(first.start) + place] != bytes[Int(second.start) + place] { return false }
            return true
        }
    }

    /// Whether a name is this one.
    fileprivate func isName(_ mark: Mark, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        if mark.kind == .escaped { return text(mark).utf8.elementsEqual(name) }
        guard Int(mark.end - mark.start) == name.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            (0..<name.count).allSatisfy { bytes[Int(mark.start) + $0] == name[$0] }
        }
    }
}

/// A value in a JSON document.
struct JSONPlace {
    fileprivate let document: JSONPlaces
    fileprivate let index: Int

    private var mark: JSONPlaces.Mark { document.marks[index] }

    var isNull: Bool { mark.kind == .null }

    /// The value itself.
    var value: JSON {
        if let scalar = document.scalar(mark) { return scalar }
        var maker = JSONMaker(document)
        return maker.value(at: index, depth: 0)
    }

    /// The items of an array; nil where this is none.
    var items: [JSONPlace]? {
        guard mark.kind == .array else { return nil }
        var items: [JSONPlace] = [], next = index + 1
        while next < Int(mark.behind) {
            items.append(JSONPlace(document: document, index: next))
            next = Int(document.marks[next].behind)
        }
        return items
    }

    /// The member of this name, though it be null; nil where there is none or this is no object. Of a name that stands twice the last counts.
    func member(_ name: String) -> JSONPlace? {
        guard mark.kind == .object else { return nil }
        var name = name, found: Int?
        name.withUTF8 { name in
            var next = index + 1
            while next < Int(mark.behind) {
                if document.isName(document.marks[next], name) { found = next + 1 }
                next = Int(document.marks[next + 1].behind)
            }
        }
        return found.map { JSONPlace(document: document, index: $0) }
    }

    /// The value of a member; `.null` where there is none or this is no object.
    subscript(name: String) -> JSON { member(name)?.value ?? .null }
}

/// The members of one object after the other: objects of one kind have the same names in one order, so each name is looked for once for all of them.
final class JSONMembers {
    private var document: JSONPlaces?
    /// The names of the object taken last, and where its values stand.
    private var names: [JSONPlaces.Mark] = []
    private var values: [Int] = []
    /// By names the places among the values; of a name that stands twice the last.
    private var places: [String: Int] = [:]
    /// What was asked for of objects with these names, in order, and how much of it was asked for again of the last.
    private var asked: [(name: String, place: Int?)] = []
    private var count = 0

    /// Takes an object; anything else has no members.
    func take(_ object: JSONPlace) {
        let document = object.document, mark = document.marks[object.index], end = mark.kind == .object ? Int(mark.behind) : 0
        var next = object.index + 1, isAlike = self.document === document
        values.removeAll(keepingCapacity: true)
        while next < end {
            let place = values.count
            isAlike = isAlike && place < names.count && document.holdsSame(names[place], document.marks[next])
            values.append(next + 1)
            next = Int(document.marks[next + 1].behind)
        }
        (self.document, count) = (document, 0)
        if isAlike, values.count == names.count { return }
        names = values.map { document.marks[$0 - 1] }
        places = Dictionary(zip(names.map(document.text), names.indices)) { _, last in last }
        asked = []
    }

    /// The member of this name, though it be null; nil where there is none.
    func member(_ name: String) -> JSONPlace? {
        guard let document else { return nil }
        let place: Int?
        if count < asked.count, asked[count].name == name {
            place = asked[count].place
        } else {
            place = places[name]
            asked.removeSubrange(count...)
            asked.append((name, place))
        }
        count += 1
        return place.map { JSONPlace(document: document, index: values[$0]) }
    }

    /// The value of a member; `.null` where there is none.
    subscript(name: String) -> JSON { member(name)?.value ?? .null }
}

/// Makes the values of a document.
private struct JSONMaker {
    private let document: JSONPlaces
    /// By depth and place the name that stood there last: objects of one kind have the same names in one order.
    private var names = [[(mark: JSONPlaces.Mark, text: String)]](repeating: [], count: JSON.depthMaximum)

    /// So many names of an object are remembered.
    private static let namesMaximum = 64

    init(_ document: JSONPlaces) { self.document = document }

    mutating func value(at index: Int, depth: Int) -> JSON {
        let mark = document.marks[index], end = Int(mark.behind)
        if let scalar = document.scalar(mark) { return scalar }
        var next = index + 1
        if mark.kind == .array {
            var items: [JSON] = []
            while next < end {
                items.append(value(at: next, depth: depth + 1))
                next = Int(document.marks[next].behind)
            }
            return .array(items)
        }
        var members: [String: JSON] = [:], place = 0
        // As many as the one before had, so that it need not grow.
        members.reserveCapacity(min(names[depth].count, end - next))
        while next < end {
            let name = name(at: next, depth: depth, place: place)
            members[name] = value(at: next + 1, depth: depth + 1)
            next = Int(document.marks[next + 1].behind)
            place += 1
        }
        return .object(members)
    }

    /// A member's name, which is made once where it stands at the same place of one object after the other.
    private mutating func name(at index: Int, depth: Int, place: Int) -> String {
        let mark = document.marks[index]
        if place < names[depth].count {
            let known = names[depth][place]
            if document.holdsSame(known.mark, mark) { return known.text }
        }
        let text = document.text(mark)
        if mark.kind == .string, place < JSONMaker.namesMaximum {
            if place < names[depth].count { names[depth][place] = (mark, text) } else if place == names[depth].count { names[depth].append((mark, text)) }
        }
        return text
    }
}
