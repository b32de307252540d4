/// A postal address in one line taken apart, folded.
struct AddressParts {
    private(set) var region: [UInt16] = []
    private(set) var locality: [UInt16] = []
    private(set) var street: [UInt16] = []
    private(set) var number: [UInt16] = []
    private(set) var premises: [UInt16] = []

    init(_ text: String) {
        if text.utf16.contains(where: isHan) { takeHan(FoldedText.units(of: text, keepsSpaces: true)) } else { takeLatin(text) }
    }

    /// 江苏省苏州市工业园区科技大道12号3栋502室
    private mutating func takeHan(_ units: [UInt16]) {
        var rest = units[...]
        if let end = AddressParts.end(of: AddressParts.provinces, in: rest, within: 8) {
            region = AddressParts.bare(rest[..<end])
            rest = rest[end...]
        }
        // The city and the district: the last one is the locality, and the city before it tells it from others of its name.
        while let end = AddressParts.end(of: AddressParts.places, in: rest, within: 8), end < rest.endIndex {
            if !locality.isEmpty { region = locality }
            locality = AddressParts.bare(rest[..<end])
            rest = rest[end...]
        }
        if let end = rest.dropFirst().lastIndex(where: AddressParts.roads.contains), end - rest.startIndex <= 16 {
            street = rest[...end].filter { $0 != 0x20 }
            rest = rest[(end + 1)...]
        } else if let digit = rest.firstIndex(where: isDigit) {
            street = rest[..<digit].filter { $0 != 0x20 }
            rest = rest[digit...]
        }
        number = Array(rest.prefix { isDigit($0) || (0x61...0x7A).contains($0) })
        rest = rest.dropFirst(number.count)
        if let mark = rest.first, AddressParts.numberMarks.contains(mark) { rest = rest.dropFirst() }
        premises = AddressParts.door(rest)
    }

    /// The numbers of a door by their order: 10栋303室 and 10-303 are one.
    private static func door(_ text: ArraySlice<UInt16>) -> [UInt16] {
        text.split { doorWords.contains($0) }.joined(separator: [0x2D]).map { $0 }
    }

    /// `12 High Street, Flat 3, Town` or `Hauptstrasse 12`
    private mutating func takeLatin(_ text: String) {
        let parts = text.split(separator: ",").map { FoldedText.units(of: String($0), keepsSpaces: true) }.filter { !$0.isEmpty }
        guard let first = parts.first else { return }
        var words: [UInt16] = []
        for token in first.split(separator: 0x20) {
            if number.isEmpty, token.first.map(isDigit) == true { number = Array(token) } else { words += token }
        }
        street = words
        if parts.count > 1 { locality = AddressParts.place(String(decoding: parts[parts.count - 1], as: UTF16.self)) }
        if parts.count > 2 { premises = parts[1..<(parts.count - 1)].flatMap { $0.filter { $0 != 0x20 } } }
    }

    /// A place without the word for what it is: 苏州市 and 苏州 are one.
    static func place(_ text: String) -> [UInt16] { bare(FoldedText.units(of: text)[...]) }

    private static func bare(_ place: ArraySlice<UInt16>) -> [UInt16] {
        for suffix in suffixes where place.count >= suffix.count + 2 && place.suffix(suffix.count).elementsEqual(suffix) {
            return Array(place.dropLast(suffix.count))
        }
        return Array(place)
    }

    /// Where a leading place ends, if one of the marks comes soon enough.
    private static func end(of marks: Set<UInt16>, in units: ArraySlice<UInt16>, within limit: Int) -> Int? {
        for (offset, unit) in units.prefix(limit).enumerated() where offset >= 2 && marks.contains(unit) { return units.startIndex + offset + 1 }
        return nil
    }

    private static let provinces = Set("省".utf16)
    private static let places = Set("市区县州盟旗".utf16)
    private static let roads = Set("路街道巷弄胡同村里".utf16)
    private static let numberMarks = Set("号號".utf16)
    private static let doorWords = Set("栋幢座单元层楼室号房 ".utf16)
    private static let suffixes = [
        "维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "自治州", "自治县", "新区", "省", "市", "区", "县", "盟", "旗",
    ].map { Array($0.utf16) }
}
