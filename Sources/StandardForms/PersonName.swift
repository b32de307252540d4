import ProfileModel

/// A person's name as people write it, taken apart: 张伟先生, 欧阳总, Dr. Anna Schneider.
public struct PersonName: Hashable, Sendable {
    /// The name without how the person is addressed.
    public let name: String
    /// How the person is addressed: 先生, 总, Dr.; nil where nothing says so.
    public let honorific: String?
    /// What the honorific says of the gender.
    public let gender: ResidentIdentity.Gender?
    /// The surname, where the name begins with one of China; of others nil.
    public let surname: String?

    /// Whether only a surname is known: 张总.
    public var isSurnameAlone: Bool { surname == name }

    public init(_ text: String) {
        var rest = Substring(text.trimmingSpaces()), found: Honorific?, said: Substring?
        if let before = Honorific.before.first(where: { rest.lowercased().hasPrefix($0.text) }) {
            (said, rest) = (rest.prefix(before.text.count), rest.dropFirst(before.text.count))
            found = before
        }
        if let behind = Honorific.behind.first(where: { rest.hasSuffix($0.text) && rest.count > $0.text.count }) {
            let stem = rest.dropLast(behind.text.count)
            // 王工 is an engineer called 王, 李建工 a name.
            if !behind.isShort || PersonName.surname(of: stem) == stem {
                (said, rest) = (rest.suffix(behind.text.count), stem)
                found = behind
            }
        }
        name = rest.trimmingSpaces()
        honorific = said?.trimmingSpaces()
        gender = found?.gender
        surname = PersonName.surname(of: Substring(name)).map(String.init)
    }

    /// The surname with which a Chinese name begins, of two characters before one; nil where it begins with none.
    static func surname(of name: Substring) -> Substring? {
        if doubleSurnames.contains(String(name.prefix(2))) { return name.prefix(2) }
        return name.unicodeScalars.first.map { SearchText.standsAlone($0.value) } == true ? name.prefix(1) : nil
    }

    private static let doubleSurnames = Set("""
        欧阳 上官 司马 诸葛 夏侯 皇甫 尉迟 公孙 慕容 令狐 司徒 东方 端木 南宫 独孤 长孙 宇文 轩辕 呼延 东郭 西门 澹台 公羊 赫连 濮阳 申屠 太史 仲孙 钟离 闻人 万俟 \
        淳于 单于 太叔 拓跋 第五 鲜于 闾丘 司空 司寇 颛孙 巫马 公西 漆雕 乐正 谷梁 段干 梁丘 左丘 百里 歐陽 上官 司馬 諸葛 尉遲 公孫 長孫 東方 鍾離
        """.split(separator: " ").map(String.init))
}

/// A word by which people are addressed.
private struct Honorific: Sendable {
    let text: String
    var gender: ResidentIdentity.Gender?
    /// Whether one character alone, which names have too.
    var isShort: Bool { text.count == 1 && !isBefore }
    var isBefore = false

    /// The longest first.
    static let behind: [Honorific] = {
        let men = ["先生", "少爷", "大爷", "叔叔", "哥", "爷"], women = ["女士", "小姐", "太太", "夫人", "阿姨", "姐", "嫂"]
        let others = [
            "董事长", "总经理", "副总经理", "总监", "总裁", "经理", "主任", "主管", "老师", "教授", "博士", "医生", "大夫", "律师", "工程师", "处长", "科长",
            "局长", "厅长", "部长", "书记", "院长", "校长", "厂长", "店长", "秘书", "会计", "老板", "同志", "师傅", "总", "董", "工", "局", "处", "科", "院", "老",
        ]
        let all = men.map { Honorific(text: $0, gender: .male) } + women.map { Honorific(text: $0, gender: .female) } + others.map { Honorific(text: $0) }
        return all.sorted { $0.text.count > $1.text.count }
    }()

    static let before: [Honorific] = [
        Honorific(text: "mr. ", gender: .male, isBefore: true), Honorific(text: "mr ", gender: .male, isBefore: true),
        Honorific(text: "mrs. ", gender: .female, isBefore: true), Honorific(text: "mrs ", gender: .female, isBefore: true),
        Honorific(text: "ms. ", gender: .female, isBefore: true), Honorific(text: "ms ", gender: .female, isBefore: true),
        Honorific(text: "miss ", gender: .female, isBefore: true), Honorific(text: "dr. ", isBefore: true), Honorific(text: "dr ", isBefore: true),
        Honorific(text: "prof. ", isBefore: true), Honorific(text: "prof ", isBefore: true),
    ]
}

extension StringProtocol {
    /// Without white space at either end.
    func trimmingSpaces() -> String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(self[first...last])
    }
}
