/// A language that the program speaks. Data, keys of JSON and codes of errors are the same in both.
public enum Language: String, CaseIterable, Sendable {
    case english = "en"
    /// Simplified Chinese.
    case chinese = "zh"

    /// The reader's language for everything that runs inside `Language.$current.withValue(_:operation:)`.
    ///
    /// Texts of command help are read while a command's type is described, where nothing can be passed in; a task-local
    /// value reaches them, and lets two runs in one process speak different languages.
    @TaskLocal public static var current: Language = .english

    /// The language that a name such as `zh`, `zh_CN.UTF-8` (POSIX) or `zh-Hans` (BCP 47) asks for, if it is spoken here.
    public init?(tag: String) {
        let primary = tag.prefix { $0 != "_" && $0 != "-" && $0 != "." && $0 != "@" }.lowercased()
        self.init(rawValue: primary)
    }

    /// Chooses the language: what the reader asked for by a flag, then `LIMN_LANG`, `LC_ALL`, `LANG`, then English.
    ///
    /// An empty variable says nothing. `LIMN_LANG` with a language that is not spoken here says nothing either; the first
    /// of `LC_ALL` and `LANG` that holds something decides, and any other language than Chinese there means English.
    public static func chosen(flag: Language?, environment: [String: String]) -> Language {
        if let flag { return flag }
        if let name = environment["LIMN_LANG"], let language = Language(tag: name) { return language }
        for variable in ["LC_ALL", "LANG"] {
            if let name = environment[variable], !name.isEmpty { return Language(tag: name) ?? .english }
        }
        return .english
    }
}
