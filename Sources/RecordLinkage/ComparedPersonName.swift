/// The parts of a person's name, folded, without forms of address.
struct ComparedPersonName {
    private(set) var given: [UInt16] = []
    private(set) var family: [UInt16] = []
    /// What a form of address says: 1 male, 2 female, 0 nothing.
    private(set) var gender: UInt8 = 0

    /// Takes a whole name apart: Han names begin with the surname, of two characters where it is a known one; Latin ones end
    /// with it, or begin with it before a comma. Pinyin in Chinese order is found to be exchanged when it is compared.
    init(whole text: String) {
        if let comma = text.firstIndex(where: { $0 == "," || $0 == "，" }) {
            takeParts(family: ComparedPersonName.tokens(text[..<comma]), given: ComparedPersonName.tokens(text[text.index(after: comma)...]))
            return
        }
        var tokens = ComparedPersonName.tokens(text[...])
        if tokens.contains(where: { $0.contains(where: isHan) }) {
            takeHan(tokens.flatMap { $0 })
            return
        }
        gender = ComparedPersonName.takeTitles(&tokens)
        if let last = tokens.popLast() { family = last }
        given = tokens.flatMap { $0 }
    }

    init(given text: String) { takeParts(family: [], given: ComparedPersonName.tokens(text[...])) }

    init(family text: String) {
        takeParts(family: ComparedPersonName.tokens(text[...]), given: [])
        // 张先生 or 张总 in a column of surnames.
        if family.contains(where: isHan) {
            let rest = ComparedPersonName.withoutTitle(family)
            (family, gender) = (rest.name, rest.gender)
        }
    }

    private mutating func takeParts(family familyTokens: [[UInt16]], given givenTokens: [[UInt16]]) {
        var familyTokens = familyTokens, givenTokens = givenTokens
        gender = max(ComparedPersonName.takeTitles(&familyTokens), ComparedPersonName.takeTitles(&givenTokens))
        family = familyTokens.flatMap { $0 }
        given = givenTokens.flatMap { $0 }
    }

    private mutating func takeHan(_ units: [UInt16]) {
        let (name, gender) = ComparedPersonName.withoutTitle(units)
        self.gender = gender
        if name.count == 2, ComparedPersonName.familiar.contains(name[0]) {
            family = [name[1]]
            return
        }
        let isDouble = (name.count > 2 || name.count < units.count) && ComparedPersonName.doubleSurnames.contains(Array(name.prefix(2)))
        family = Array(name.prefix(isDouble ? 2 : 1))
        given = Array(name.dropFirst(family.count))
    }

    /// What a word for a gender says: 1 male, 2 female, 0 anything else.
    static func gender(of text: String) -> UInt8 {
        switch text.lowercased() {
        case "male", "m", "男": 1
        case "female", "f", "女": 2
        default: 0
        }
    }

    private static func tokens(_ text: Substring) -> [[UInt16]] {
        FoldedText.units(of: String(text), keepsSpaces: true).split(separator: 0x20).map(Array.init)
    }

    /// Leaves out forms of address and suffixes of Latin names.
    private static func takeTitles(_ tokens: inout [[UInt16]]) -> UInt8 {
        var gender: UInt8 = 0
        if tokens.count < 2 { return 0 }
        tokens.removeAll { token in
            guard token.count <= 5, let title = latinTitles[String(decoding: token, as: UTF16.self)] else { return false }
            gender = max(gender, title)
            return true
        }
        return gender
    }

    private static func withoutTitle(_ name: [UInt16]) -> (name: [UInt16], gender: UInt8) {
        for (title, gender) in hanTitles where name.count > title.count && name.suffix(title.count).elementsEqual(title) {
            // 张工 is a form of address, 李建工 a name.
            if title.count == 1, name.count > 2 { continue }
            return (Array(name.dropLast(title.count)), gender)
        }
        return (name, 0)
    }

    private static let latinTitles: [String: UInt8] = [
        "mr": 1, "sir": 1, "mrs": 2, "ms": 2, "miss": 2, "mme": 2, "frau": 2, "herr": 1, "dr": 0, "prof": 0, "jr": 0, "sr": 0, "ii": 0, "iii": 0,
    ]

    /// Longer ones first.
    private static let hanTitles: [(title: [UInt16], gender: UInt8)] = [
        ("总经理", 0), ("董事长", 0), ("副经理", 0), ("工程师", 0), ("女士", 2), ("小姐", 2), ("太太", 2), ("夫人", 2), ("阿姨", 2), ("先生", 1),
        ("经理", 0), ("老师", 0), ("医生", 0), ("博士", 0), ("教授", 0), ("主任", 0), ("律师", 0), ("老板", 0), ("师傅", 0), ("同志", 0),
        ("会计", 0), ("总监", 0), ("主管", 0), ("总", 0), ("工", 0), ("董", 0),
    ].map { (Array($0.0.utf16), $0.1) }

    /// 小张, 老张, 阿张.
    private static let familiar = Set("小老阿".utf16)

    private static let doubleSurnames = Set(
        [
            "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "東方", "皇甫", "尉迟", "尉遲", "公孙", "公孫", "慕容", "令狐", "夏侯",
            "司徒", "端木", "百里", "长孙", "長孫", "宇文", "轩辕", "軒轅", "南宫", "南宮", "独孤", "獨孤", "呼延", "澹台", "澹臺", "淳于", "濮阳",
            "濮陽", "钟离", "鍾離", "鲜于", "鮮于", "闻人", "聞人", "拓跋", "单于", "單于", "西门", "西門", "申屠", "太叔", "完颜", "完顏",
        ].map { Array($0.utf16) })
}
