import ProfileModel

/// The regions of `schema/regions.tsv`, by all the names under which people write them.
struct RegionTable: Sendable {
    private struct Entry: Sendable {
        let code: Int
        let name: String
        let level: Region.Level
        /// No place of its own: 市辖区, 省直辖县级行政区划, and the one district of a city that has none.
        let isGrouping: Bool
    }

    /// A name of a region, whole or without what kind of region it is.
    private struct Name: Sendable {
        let entry: Int
        let isWhole: Bool
    }

    private var entries: [Entry] = []
    private var byCode: [Int: Int] = [:]
    private var byName: [[Unicode.Scalar]: [Name]] = [:]
    private var longestName = 0

    static let shared = RegionTable()

    private init() {
        TableLines.forEach(in: "regions.tsv") { fields in
            guard let code = Int(fields[0]) else { preconditionFailure("schema/regions.tsv: \(fields[0])") }
            add(code, String(fields[1]))
        }
    }

    private mutating func add(_ code: Int, _ name: String) {
        let level: Region.Level = code % 10_000 == 0 ? .province : code % 100 == 0 ? .city : .district
        let city = byCode[code / 100 * 100].map { entries[$0].name }
        let isGrouping = level == .city && (name.hasSuffix("辖区") || name == "县" || name.hasSuffix("行政区划")) || level == .district && name == city
        entries.append(Entry(code: code, name: name, level: level, isGrouping: isGrouping))
        byCode[code] = entries.count - 1
        let whole = Array(name.unicodeScalars), short = RegionTable.short(name)
        byName[whole, default: []].append(Name(entry: entries.count - 1, isWhole: true))
        if short.count > 1, short != whole { byName[short, default: []].append(Name(entry: entries.count - 1, isWhole: false)) }
        longestName = max(longestName, whole.count)
    }

    // MARK: Names

    private static let kinds = ["特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "林区", "新区", "省", "市", "区", "县", "盟", "旗"]
        .map { Array($0.unicodeScalars) }
    private static let peoples = [
        "维吾尔", "壮族", "回族", "藏族", "彝族", "苗族", "侗族", "白族", "傣族", "瑶族", "羌族", "满族", "畲族", "黎族", "土族", "水族", "怒族", "佤族",
        "蒙古族", "蒙古", "朝鲜族", "土家族", "布依族", "哈尼族", "景颇族", "傈僳族", "哈萨克族", "哈萨克", "柯尔克孜", "拉祜族", "纳西族", "仡佬族", "仫佬族",
        "毛南族", "撒拉族", "东乡族", "裕固族", "保安族", "布朗族", "独龙族", "普米族", "锡伯", "塔吉克", "达斡尔族", "鄂温克族", "鄂伦春", "各族",
    ].map { Array($0.unicodeScalars) }

    /// A name without what kind of region it is and whose: 江苏, 延边, 浦东.
    private static func short(_ name: String) -> [Unicode.Scalar] {
        var scalars = Array(name.unicodeScalars)
        guard let kind = kinds.first(where: { scalars.count > $0.count && scalars.suffix($0.count).elementsEqual($0) }) else { return scalars }
        scalars.removeLast(kind.count)
        guard kind.count > 1, kind.first == "自" else { return scalars }
        while let people = peoples.first(where: { scalars.count > $0.count + 1 && scalars.suffix($0.count).elementsEqual($0) }) {
            scalars.removeLast(people.count)
        }
        return scalars
    }

    // MARK: Reading

    /// What stands between the parts of a region, or before them.
    private static let separators = Set<Unicode.Scalar>([" ", "/", "-", "—", "·", ",", "，", "、", "|", "\\", "_", ">", "　"])
    private static let streets = Set<Unicode.Scalar>(["路", "街", "道", "巷", "弄", "桥", "河", "湖", "山", "大"])
    private static let country = ["中华人民共和国", "中国"].map { Array($0.unicodeScalars) }

    func region(named text: [Unicode.Scalar]) -> Region? {
        let found = read(text).filter { $0.end == text.count }
        return choose(found.map(\.entry))
    }

    func regionLeading(_ text: [Unicode.Scalar]) -> (region: Region, scalars: Int)? {
        let found = read(text)
        guard let end = found.map(\.end).max(), let region = choose(found.filter { $0.end == end }.map(\.entry)) else { return nil }
        return (region, end)
    }

    private struct Reading: Hashable {
        let entry: Int
        /// How many scalars are read.
        let end: Int
    }

    /// All ways to read the beginning of a text as regions, each within the one before it.
    private func read(_ text: [Unicode.Scalar]) -> Set<Reading> {
        var found: Set<Reading> = [], next: [(entry: Int?, start: Int)] = [(nil, skipped(text, from: 0, isFirst: true))]
        while let (outer, start) = next.popLast() {
            for length in 1...max(1, min(longestName, text.count - start)) where start + length <= text.count {
                guard let names = byName[Array(text[start..<start + length])] else { continue }
                let end = skipped(text, from: start + length, isFirst: false)
                // 上海路 is a street, wherever it is.
                let isStreet = start + length < text.count && RegionTable.streets.contains(text[start + length])
                for name in names where isReadable(name, within: outer, among: names) && (name.isWhole || !isStreet) {
                    // A grouping, or the same name once more (上海市上海市), says nothing new.
                    let inner = outer == nil || isWithin(name.entry, outer!) && !entries[name.entry].isGrouping ? name.entry : outer!
                    if found.insert(Reading(entry: inner, end: end)).inserted { next.append((inner, end)) }
                }
            }
        }
        return found
    }

    private func skipped(_ text: [Unicode.Scalar], from start: Int, isFirst: Bool) -> Int {
        var index = start
        if isFirst, let name = RegionTable.country.first(where: { text.starts(with: $0) && text.count > $0.count }) { index = name.count }
        while index < text.count, RegionTable.separators.contains(text[index]) { index += 1 }
        return index
    }

    private func isReadable(_ name: Name, within outer: Int?, among names: [Name]) -> Bool {
        let entry = entries[name.entry]
        guard let outer else { return !entry.isGrouping && (name.isWhole || isCalledAlone(name, among: names)) }
        func isPlace(_ name: Name) -> Bool { isWithin(name.entry, outer) && !entries[name.entry].isGrouping }
        return isPlace(name) || (isWithin(name.entry, outer) || name.entry == outer) && !names.contains(where: isPlace)
    }

    /// Whether the short name of a region is read as this one where nothing stands before it.
    private func isCalledAlone(_ name: Name, among names: [Name]) -> Bool {
        let entry = entries[name.entry]
        let others = names.filter { $0.entry != name.entry && !isWithin($0.entry, name.entry) }
        switch entry.level {
        case .province: return true
        case .city:
            // The first city of a province is its capital.
            let isCapital = entry.code / 100 % 100 == 1
            return !others.contains { entries[$0.entry].level == .province } && (isCapital || others.isEmpty)
        case .district: return others.isEmpty && entry.name.hasSuffix("市")
        }
    }

    private func isWithin(_ inner: Int, _ outer: Int) -> Bool {
        let a = entries[inner].code, b = entries[outer]
        switch b.level {
        case .province: return a != b.code && a / 10_000 == b.code / 10_000
        case .city: return a != b.code && a / 100 == b.code / 100
        case .district: return false
        }
    }

    /// The one region that is meant: of several the one in which all others are.
    private func choose(_ found: [Int]) -> Region? {
        let candidates = Set(found)
        let outermost = candidates.filter { entry in candidates.allSatisfy { $0 == entry || isWithin($0, entry) } }
        return outermost.first.map(region)
    }

    func region(coded code: Int) -> Region? {
        guard let index = byCode[code] else { return nil }
        return entries[index].isGrouping ? byCode[code / 10_000 * 10_000].map(region) : region(index)
    }

    var all: [Region] { entries.indices.filter { !entries[$0].isGrouping }.map(region) }

    private func region(_ index: Int) -> Region {
        let entry = entries[index]
        let outer = [entry.code / 10_000 * 10_000, entry.code / 100 * 100].filter { $0 != entry.code }
        var path: [String] = []
        for code in outer + [entry.code] {
            guard let known = byCode[code].map({ entries[$0] }), !known.isGrouping, known.name != path.last else { continue }
            path.append(known.name)
        }
        return Region(code: String(entry.code), level: entry.level, path: path)
    }
}
