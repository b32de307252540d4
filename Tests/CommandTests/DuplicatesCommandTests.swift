import Foundation
import LimnCommands
import Testing

@Suite("limn duplicates")
struct DuplicatesCommandTests {
    /// A node with some persons of whom two stand there twice; the second spelling of one leaves much open.
    static func node() throws -> WorkingNode {
        let node = try WorkingNode()
        var lines = ["external_id,name,birth_date,phone,email"]
        let names = ["张伟", "李娜", "王芳", "刘洋", "陈静", "杨勇", "赵敏", "黄磊", "周杰", "吴霞", "徐强", "孙丽", "马超", "朱琳", "胡军", "郭靖", "何平", "高峰", "林涛", "罗兰"]
        for (number, name) in names.enumerated() {
            lines.append("\(number),\(name),19\(60 + number)-0\(1 + number % 9)-1\(number % 10),138\(10_000_000 + number * 1_234_567),u\(number)@example.com")
        }
        let first = try node.file("first.csv", lines.joined(separator: "\n") + "\n")
        let second = try node.file("second.csv", """
            external_id,name,birth_date,phone,email
            a,张伟,1960-01-10,13810000000,u0@example.com
            b,李那,1961-02-12,13811234567,
            """)
        try #require(node("import", first, "--source", "erp", "--kind", "person").exitCode == 0)
        try #require(node("import", second, "--source", "fair", "--kind", "person").exitCode == 0)
        return node
    }

    @Test func whatWaitsIsListedAndDecided() throws {
        let node = try Self.node()
        let found = try node.data("duplicates", "find", "--link-above", "1")
        #expect(Set(found.keys) == ["records", "compared", "linked", "models", "operation", "total", "pairs"])
        #expect(found["linked"] as? Int == 0 && found["records"] as? Int == 22)
        let pairs = try #require(found["pairs"] as? [[String: Any]])
        #expect(pairs.count == 2)
        #expect(pairs.allSatisfy { Set($0.keys) == ["key", "a", "b", "probability", "because", "obstacle"] })
        #expect(pairs.allSatisfy { ($0["a"] as? String)?.count == 36 && ($0["probability"] as? Double ?? 0) >= 0.5 })
        let because = try #require(pairs[0]["because"] as? String)
        #expect(because.contains("the same phone number") && because.contains("; "))
        let keys = pairs.compactMap { $0["key"] as? String }
        #expect(try node.data("duplicates", "list", "--limit", "1")["total"] as? Int == 2)
        #expect(try node.data("duplicates", "accept", keys[0])["done"] as? Int == 1)
        let rejected = node("duplicates", "reject", keys[1])
        #expect(rejected.error.hasPrefix("Decided 1 pair.\nTo take it back: limn undo "))
        #expect(node("duplicates").error == "No pair waits for a decision.\n")
        #expect(try node.failure("duplicates", "accept", keys[1], exitCode: 66) == "node.no-such-pair")
        #expect(try node.data("status")["customers"] as? Int == 21)
        let again = try node.data("duplicates", "find")
        #expect(again["linked"] as? Int == 0 && (again["pairs"] as? [Any])?.isEmpty == true)
    }

    @Test func reasonsAreToldInTheReadersLanguage() throws {
        let node = try Self.node()
        node("duplicates", "find", "--link-above", "1")
        let english = node("duplicates", "list")
        #expect(english.output.contains("Probability") && english.output.contains("张伟") && english.output.contains("the same birth date"))
        #expect(english.error.hasPrefix("Decide with limn duplicates accept KEY"))
        let chinese = node("duplicates", "--lang", "zh")
        #expect(chinese.output.contains("概率") && chinese.output.contains("出生日期相同") && chinese.output.contains("；"))
    }

    @Test func weightsAreDrawnAroundAnAxis() throws {
        let node = try Self.node()
        node("duplicates", "find", "--link-above", "1")
        let pairs = try #require(try node.data("duplicates")["pairs"] as? [[String: Any]])
        let key = try #require(pairs.last?["key"] as? String)
        let whole = try node.data("duplicates", "show", key)
        let weights = try #require(whole["weights"] as? [[String: Any]])
        let sum = weights.reduce((whole["prior"] as? Double ?? 0) + (whole["related"] as? Double ?? 0)) {
            $0 + ($1["bits"] as? Double ?? 0) + ($1["frequency"] as? Double ?? 0)
        }
        #expect(abs(sum - (whole["total"] as? Double ?? 0)) < 0.1, "the picture adds up")
        for columns in [80, 60] {
            let lines = node("duplicates", "show", key, "--color", "never", columns: columns).output.split(separator: "\n")
            let axes = lines.compactMap { line in line.firstIndex(of: "│").map { DisplayWidth.columns(line[..<$0]) } }
            #expect(axes.count >= weights.count + 1 && Set(axes).count == 1, "the axis is one line")
            #expect(lines.contains { $0.contains("█│") } && lines.contains { $0.contains("│█") })
            #expect(lines.dropFirst().prefix(axes.count).allSatisfy { DisplayWidth.columns($0) <= columns })
        }
        #expect(!node("duplicates", "show", key, "--color", "never", columns: 80).output.contains("\u{1B}["))
        #expect(node("duplicates", "show", key, "--lang", "zh", columns: 100).output.contains("概率"))
    }

    @Test func refusals() throws {
        let node = try WorkingNode()
        #expect(try node.failure("duplicates", "find", "--link-above", "0.3", exitCode: 64) == "node.bad-probability")
        #expect(try node.failure("duplicates", "show", "abcdefabcdef", exitCode: 66) == "node.no-such-pair")
        let nothing = try node.data("duplicates", "find")
        #expect(nothing["linked"] as? Int == 0 && nothing["operation"] is NSNull && (nothing["models"] as? [Any])?.isEmpty == true)
    }
}
