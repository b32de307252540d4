import Causality
import FleetSupport
import NodeOperations
import ProfileModel

/// Generated persons of whom some stand in two files; nobody of them exists.
///
/// Nothing is drawn at random: the same persons come of the same number.
enum PlantedDuplicates {
    /// How a second file spells a person.
    enum Slip: CaseIterable {
        /// The same name and telephone; nothing else is told.
        case onlyNameAndPhone
        /// A homophone in the name, the same birth date and address.
        case homophone
        /// A slip in the birth date; the same name and telephone.
        case birthDate
        /// The name in pinyin, with the mail and the birth date.
        case pinyin
        /// Another address and telephone, as of one who has moved; the same name, birth date and mail.
        case moved
    }

    static let people = 300
    /// Every sixth person stands in the second file too.
    static let planted = people / 6
    /// Every tenth household has a second person.
    static let families = people / 10

    private static let surnames = Array("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧")
    private static let first = Array("建志文晓海春国永雪丽金玉明思佳宇子梓天若")
    private static let second = Array("强磊军洋勇艳杰涛敏静秀霞平刚桂英华兰飞慧")
    private static let firstPinyin = ["jian", "zhi", "wen", "xiao", "hai", "chun", "guo", "yong", "xue", "li", "jin", "yu", "ming", "si", "jia", "yu", "zi", "zi", "tian", "ruo"]
    private static let secondPinyin = ["qiang", "lei", "jun", "yang", "yong", "yan", "jie", "tao", "min", "jing", "xiu", "xia", "ping", "gang", "gui", "ying", "hua", "lan", "fei", "hui"]
    private static let surnamePinyin = [
        "wang", "li", "zhang", "liu", "chen", "yang", "zhao", "huang", "zhou", "wu", "xu", "sun", "hu", "zhu", "gao", "lin", "he", "guo", "ma", "luo",
        "liang", "song", "zheng", "xie", "han", "tang", "feng", "yu", "dong", "xiao",
    ]
    private static let roads = ["中山路", "人民路", "解放路", "建设路", "和平街", "长江路", "文化街", "新华路", "光明街", "湖滨路"]

    private static func mixed(_ number: Int, _ salt: Int) -> Int {
        var value = UInt64(truncatingIfNeeded: number &* 1_000_003 &+ salt &* 7_919 &+ 11)
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) >> 33)
    }

    private struct Person {
        var surname: Int, first: Int, second: Int
        var birth: String, phone: String, email: String, address: String

        init(_ number: Int, home: Int? = nil) {
            let home = home ?? number
            surname = mixed(home, 1) % surnames.count
            first = mixed(number, 2) % PlantedDuplicates.first.count
            second = mixed(number, 3) % PlantedDuplicates.second.count
            birth = "\(1950 + mixed(number, 4) % 50)-\(10 + mixed(number, 5) % 3)-\(10 + mixed(number, 6) % 18)"
            phone = "13\(100_000_000 + mixed(home, 7) % 899_999_999)"
            email = "u\(mixed(number, 8))@example.com"
            address = "上海市浦东新区\(roads[mixed(home, 9) % roads.count])\(1 + mixed(home, 10) % 300)号\(1 + mixed(home, 11) % 20)栋\(101 + mixed(home, 12) % 900)室"
        }

        var name: String { String([surnames[surname], PlantedDuplicates.first[first], PlantedDuplicates.second[second]]) }
        var pinyin: String { "\(surnamePinyin[surname]) \(firstPinyin[first])\(secondPinyin[second])" }
        /// The name with another character that is read alike.
        var homophone: String {
            let alike: [Character: Character] = ["强": "墙", "磊": "蕾", "军": "君", "洋": "阳", "勇": "永", "艳": "燕", "杰": "洁", "涛": "韬", "敏": "闵", "静": "靖",
                "秀": "绣", "霞": "遐", "平": "萍", "刚": "钢", "桂": "贵", "英": "莹", "华": "桦", "兰": "岚", "飞": "菲", "慧": "惠"]
            let last = PlantedDuplicates.second[second]
            return String([surnames[surname], PlantedDuplicates.first[first], alike[last] ?? last])
        }
    }

    static func slip(_ number: Int) -> Slip { Slip.allCases[number / 6 % Slip.allCases.count] }

    /// The first file: everybody, and those who share a household with one of them.
    static var firstTable: String {
        var lines = ["external_id,name,birth_date,phone,email,address"]
        for number in 0..<people {
            let person = Person(number)
            lines.append("p\(number),\(person.name),\(person.birth),\(person.phone),\(person.email),\(person.address)")
        }
        for number in 0..<families {
            // The surname, telephone and address of the household, and nothing else.
            let person = Person(10_000 + number, home: number * 10 + 1)
            lines.append("f\(number),\(person.name),\(person.birth),\(person.phone),,\(person.address)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The second file: every sixth person as another source spells it.
    static var secondTable: String {
        var lines = ["external_id,name,birth_date,phone,email,address"]
        for number in stride(from: 0, to: people, by: 6) {
            let person = Person(number), cells: [String]
            switch slip(number) {
            case .onlyNameAndPhone: cells = [person.name, "", person.phone, "", ""]
            case .homophone: cells = [person.homophone, person.birth, "", "", person.address]
            case .birthDate: cells = [person.name, String(person.birth.dropLast()) + (person.birth.hasSuffix("1") ? "2" : "1"), person.phone, "", ""]
            case .pinyin: cells = [person.pinyin, person.birth, "", person.email, ""]
            case .moved:
                let other = Person(20_000 + number)
                cells = [person.name, person.birth, other.phone, person.email, other.address]
            }
            lines.append("p\(number)," + cells.joined(separator: ","))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Imports both files.
    static func load(_ node: Node, in folder: TestFolder) throws {
        try node.importText(firstTable, source: "erp", kind: .person, in: folder)
        try node.importText(secondTable, source: "fair", kind: .person, in: folder, named: "second.csv")
    }
}
