import Foundation
import LimnCommands
import Testing

@Suite("The manner of the command line")
struct ProgramTests {
    @Test func globalFlagsStandAnywhere() throws {
        let before = run("--home", "/h", "--json", "--author", "An Na", "echo", "a", "b")
        let after = run("echo", "a", "--author=An Na", "b", "--json", "--home=/h")
        #expect(before.exitCode == 0)
        #expect(before.output == after.output)
        #expect(
            before.output == """
                {"schema":"limn.echo/1","data":{"words":"a b","message":"-","home":"/h","author":"An Na","language":"en","absent":null}}

                """)
        #expect(before.error == "")
    }

    @Test func afterTheTerminatorEverythingIsAValue() {
        let result = run("echo", "--home", "/h", "--", "--json", "--help", "--lang")
        #expect(result.exitCode == 0)
        #expect(result.output.contains("words     --json --help --lang\n"))
    }

    @Test func valuesJoinedToAnOptionAreNotFlags() {
        let result = run("echo", "--home", "/h", "--message=--json")
        #expect(result.output.contains("message   --json\n"))
    }

    @Test func theHomeIsFoundInOrder() {
        let all = ["LIMN_HOME": "/limn", "XDG_DATA_HOME": "/data", "HOME": "/me"]
        func home(_ arguments: String..., environment: [String: String]) -> String {
            let result = arguments.isEmpty ? run("echo", environment: environment) : run("echo", "--home", arguments[0], environment: environment)
            return result.output.split(separator: "\n").first { $0.hasPrefix("home") }.map { String($0.dropFirst(10)) } ?? ""
        }
        #expect(home("/flag", environment: all) == "/flag")
        #expect(home(environment: all) == "/limn")
        #expect(home(environment: ["XDG_DATA_HOME": "/data", "HOME": "/me"]) == "/data/limn")
        #expect(home(environment: ["XDG_DATA_HOME": "relative", "HOME": "/me"]) == "/me/.local/share/limn")
        #expect(run("echo").exitCode == 78)
    }

    @Test func theLanguageIsChosenBeforeAnythingIsSaid() {
        #expect(run("nothing", environment: ["LANG": "zh_CN.UTF-8"]).error.hasPrefix("错误：没有命令 nothing。\n提示："))
        #expect(run("nothing", "--lang", "en", environment: ["LANG": "zh_CN.UTF-8"]).error.hasPrefix("error: There is no command"))
        #expect(run("--lang", "zh", "nothing").error.hasPrefix("错误：没有命令"))
        #expect(run("nothing", environment: ["LIMN_LANG": "zh", "LC_ALL": "en_US"]).error.hasPrefix("错误："))
    }

    @Test func errorsAreDocumentsUnderJSON() throws {
        let result = run("fail", "general.file-not-made", "--json")
        #expect(result.exitCode == 73)
        #expect(result.output == "")
        let document = try result.document()
        #expect(document["schema"] as? String == "limn.error/1")
        let error = try #require(document["error"] as? [String: Any])
        #expect(error["code"] as? String == "general.file-not-made")
        #expect(error["message"] as? String == "The file a.csv cannot be written.")
        #expect((error["hint"] as? String)?.isEmpty == false)
        #expect(Set(error.keys) == ["code", "message", "hint"])
    }

    @Test func anErrorWithoutAHintSaysNull() {
        let result = run("--json", "fail", "general.input-failed")
        #expect(result.error.hasSuffix("\"hint\":null}}\n"))
        #expect(result.exitCode == 74)
    }

    static let exits: [([String], Int32)] = [
        (["nothing"], 64), (["echo", "--colour"], 64), (["echo", "--count", "x"], 64), (["echo", "--message"], 64),
        (["fail"], 64), (["fail", "a", "b"], 64), (["echo", "--loud=yes"], 64), (["group"], 64), (["group", "nothing"], 64),
        (["--lang", "fr", "echo"], 64), (["echo", "--home"], 64), (["echo", "--json=yes"], 64), (["help", "nothing"], 64),
        (["fail", "unknown"], 70), (["fail", "no.such-code"], 70), (["fail", "general.no-home"], 78),
        (["--home", "/h", "echo", "--loud"], 1), (["--home", "/h", "echo"], 0), (["group", "inner"], 0), ([], 0),
        (["--help"], 0), (["help", "group", "inner"], 0), (["echo", "-h"], 0), (["--version"], 0),
        (["group", "defaulting", "--field", "x"], 0), (["group", "defaulting", "shwo"], 64),
    ]

    @Test(arguments: exits)
    func exitCodes(arguments: [String], exitCode: Int32) {
        let output = CapturedSink()
        let error = CapturedSink()
        let code = LimnProgram.run(
            SampleRoot.self, arguments, environment: [:],
            streams: StandardStreams(input: CannedSource(), output: output, error: error))
        #expect(code == exitCode, "\(error.text)")
        // A failure leaves standard output empty and says something; success says nothing about errors.
        #expect(output.text.isEmpty == (exitCode > 1), "\(output.text)")
        #expect(error.text.contains("error:") == (exitCode > 1), "\(error.text)")
    }

    @Test func wrongArgumentsAreToldWithAWayOut() {
        #expect(run("ecoh").error == "error: There is no command ecoh. Did you mean echo?\nhint: See limn help for the list.\n")
        #expect(run("group", "iner").error.contains("Did you mean inner?\nhint: See limn help group for the list."))
        #expect(run("group", "defaulting", "lsit").error.contains("Did you mean list?"))
        #expect(run("echo", "--mesage", "x").error.contains("There is no option --mesage here. Did you mean --message?"))
        #expect(run("echo", "--message").error.hasPrefix("error: --message <message> needs a value."))
        #expect(run("echo", "--count", "x").error.hasPrefix("error: --count <count> cannot be x.\n"))
        #expect(run("nothing").error.hasPrefix("error: There is no command nothing.\n"))
        #expect(run("ecoh", "--lang", "zh").error == "错误：没有命令 ecoh。您是指 echo 吗？\n提示：运行 limn help 查看全部命令。\n")
        #expect(run("fail").error.hasPrefix("error: <code> is missing."))
        #expect(run("fail", "a", "b").error.hasPrefix("error: There is no place here for b."))
        #expect(run("echo", "--loud=yes").error.hasPrefix("error: --loud takes no value, but it was given yes."))
        #expect(run("group").error.hasPrefix("error: limn group needs a command after it."))
        #expect(run("--lang", "fr", "echo").error.hasPrefix("error: --lang cannot be fr. It is one of: en, zh."))
        #expect(run("completions", "tcsh", root: Tools.self).error.contains("bash, zsh, fish"))
    }

    @Test func aWrongGlobalFlagIsToldInTheFormAskedFor() throws {
        let result = run("echo", "--lang", "fr", "--json")
        let error = try #require(try result.document()["error"] as? [String: Any])
        #expect(error["code"] as? String == "usage.invalid-value")
    }

    @Test func talkGoesToStandardErrorAndIsSilencedOnRequest() {
        #expect(run("echo", "--home", "/h").error == "Said.\n")
        #expect(run("echo", "--home", "/h", "--quiet").error == "")
        #expect(run("echo", "--home", "/h", "--json").error == "")
    }

    @Test func anInterruptedRunEndsWithItsOwnCode() {
        let interrupted = Interruption()
        interrupted.request()
        #expect(run("fail", "interrupted", interruption: interrupted).exitCode == 130)
        let terminated = Interruption()
        terminated.request(15)
        #expect(run("fail", "interrupted", interruption: terminated).exitCode == 143)
    }

    @Test func questionsAreAskedAtATerminalOnly() {
        let answers = "  Li Lei \nperhaps\n是\n9\n2\n"
        let asked = run("ask", input: CannedSource(answers, isTerminal: true))
        #expect(asked.output == "Li Lei true 1\n")
        #expect(asked.error.contains("Please answer y or n."))
        #expect(asked.error.contains("Please give a number from 1 to 3"))
        let piped = run("ask", input: CannedSource(answers))
        #expect(piped.exitCode == 64)
        #expect(piped.error.contains("Give --name, or run"))
        #expect(run("ask", "--no-input", input: CannedSource(answers, isTerminal: true)).exitCode == 64)
        #expect(run("ask", "--json", input: CannedSource(answers, isTerminal: true)).exitCode == 64)
        #expect(run("ask", input: CannedSource("Li Lei\n", isTerminal: true)).exitCode == 64)
    }

    @Test func coloursFollowFlagTerminalAndEnvironment() {
        let escape = "\u{1B}["
        #expect(run("nothing", columns: 80).error.contains(escape))
        #expect(!run("nothing").error.contains(escape))
        #expect(run("nothing", "--color", "always").error.contains(escape))
        #expect(!run("nothing", "--color", "never", columns: 80).error.contains(escape))
        #expect(!run("nothing", environment: ["NO_COLOR": "1"], columns: 80).error.contains(escape))
        #expect(!run("nothing", environment: ["TERM": "dumb"], columns: 80).error.contains(escape))
    }

    @Test func theVersionIsPrinted() throws {
        #expect(limn("--version").output == "limn \(LimnProgram.version)\n")
        #expect(limn("--json", "--version").output == "{\"schema\":\"limn.version/1\",\"data\":{\"version\":\"\(LimnProgram.version)\"}}\n")
    }
}

@Suite("What programs read and people see")
struct OutputTests {
    @Test func jsonIsExact() throws {
        let value: JSONValue = [
            "z": 1, "a": [true, .null, "\u{01}\"\\\n张"], "d": .double(0.1), "n": .double(.nan), "e": [:], "l": .integer(.min),
        ]
        let text = String(decoding: value.encoded(), as: UTF8.self)
        #expect(text == #"{"z":1,"a":[true,null,"\u0001\"\\\n张"],"d":0.1,"n":null,"e":{},"l":-9223372036854775808}"#)
        let read = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        #expect((read?["a"] as? [Any])?[2] as? String == "\u{01}\"\\\n张")
    }

    static let moments: [(Int64, String)] = [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400_123, "2000-02-29T00:00:00.123Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (1_772_353_800_000, "2026-03-01T08:30:00.000Z"), (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
    ]

    @Test(arguments: moments)
    func timesAreRFC3339(milliseconds: Int64, text: String) {
        #expect(TimeText.rfc3339(milliseconds) == text)
    }

    @Test func lengthsOfTimeAreReadable() {
        #expect(TimeText.clock(seconds: 7) == "0:07")
        #expect(TimeText.clock(seconds: 3900) == "1:05:00")
        #expect(TimeText.relative(0, now: 7_200_000) == "2 hours ago")
        #expect(TimeText.relative(0, now: 60_000) == "1 minute ago")
    }

    static let widths: [(String, Int)] = [
        ("abc", 3), ("张伟", 4), ("ﾊﾝ", 2), ("Ａ", 2), ("e\u{301}", 1), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2), ("👩‍👩‍👧", 2),
        ("🇨🇳", 2), ("❤️", 2), ("❤", 1), ("👍🏽", 2), ("…", 1), ("，", 2), ("\u{200B}", 0), ("𠮷", 2), ("क्ष", 2), ("", 0),
    ]

    @Test(arguments: widths)
    func widthsFollowUAX11(text: String, columns: Int) {
        #expect(DisplayWidth.columns(text) == columns)
    }

    @Test func cutsAtColumns() {
        #expect(DisplayWidth.truncated("张伟明", to: 6) == "张伟明")
        #expect(DisplayWidth.truncated("张伟明", to: 5) == "张伟…")
        #expect(DisplayWidth.truncated("张伟明", to: 4) == "张…")
        #expect(DisplayWidth.truncated("abc", to: 0) == "")
    }

    @Test func wrapsAtSpacesAndBetweenChineseCharacters() {
        #expect(DisplayWidth.wrapped("one two three", to: 8) == ["one two", "three"])
        #expect(DisplayWidth.wrapped("客户画像系统", to: 6) == ["客户画", "像系统"])
        #expect(DisplayWidth.wrapped("客户画，像", to: 6) == ["客户画，", "像"])
        #expect(DisplayWidth.wrapped("a\n\nb", to: 8) == ["a", "", "b"])
    }

    static var table: TextTable {
        var table = TextTable([.init("ID", shrinks: false), .init("姓名"), .init("Amount", .right), .init("City")])
        table.add(["a1", "张伟", "10", "上海"])
        table.add(["b22", "John", "2000", "Xi'an"])
        table.add(["c", "e\u{301}🇨🇳", "", ""])
        return table
    }

    @Test func tablesAlignByWidth() {
        var page = TextPage(columns: nil, color: false)
        page.table(Self.table)
        #expect(
            page.text == """
                ID   姓名  Amount  City
                a1   张伟      10  上海
                b22  John    2000  Xi'an
                c    e\u{301}🇨🇳

                """)
    }

    @Test func tablesFitTheTerminal() {
        var table = TextTable([.init("ID", shrinks: false), .init("Note")])
        table.add(["0123456789abcdef", "很长很长很长很长的备注"])
        var page = TextPage(columns: 30, color: true)
        page.table(table)
        let lines = page.text.split(separator: "\n")
        #expect(lines[0] == "\u{1B}[1mID\u{1B}[0m                \u{1B}[1mNote\u{1B}[0m")
        #expect(lines[1] == "0123456789abcdef  很长很长很…")
        for width in 1...60 {
            for line in lines.dropFirst() where width >= 26 {
                var narrow = TextPage(columns: width, color: false)
                narrow.table(table)
                #expect(narrow.text.split(separator: "\n").allSatisfy { DisplayWidth.columns(String($0)) <= width }, "\(line)")
            }
        }
    }

    @Test func whatCustomersWroteCannotDriveTheTerminal() {
        var page = TextPage(columns: nil, color: false)
        page.line("a\u{1B}[31mb\u{9B}c\u{202E}d\te")
        var table = TextTable([.init("x")])
        table.add(["two\nlines\u{07}"])
        page.table(table)
        #expect(page.text == "a�[31mb�c�d e\nx\ntwo lines�\n")
    }

    @Test func progressShowsAfterASecondAndGoesAway() {
        let clock = CannedClock()
        let sink = CapturedSink(columns: 80)
        let progress = ProgressLine("Importing", on: sink, nowMilliseconds: { clock.milliseconds })
        progress.advance(to: 10, of: 100_000)
        #expect(sink.text == "")
        clock.milliseconds = 2000
        progress.advance(to: 20_000, of: 100_000)
        clock.milliseconds = 2050
        progress.advance(to: 20_500, of: 100_000)
        #expect(sink.text == "\rImporting 20,000/100,000 20% 10,000/s 0:08 left\u{1B}[K")
        progress.finish()
        #expect(sink.text.hasSuffix("\r\u{1B}[K"))
        let file = CapturedSink()
        let silent = ProgressLine("Importing", on: file, nowMilliseconds: { clock.milliseconds })
        clock.milliseconds = 9000
        silent.advance(to: 1)
        silent.finish()
        #expect(file.text == "")
    }

    @Test func thePagerIsForTerminals() throws {
        #expect(Pager.command(environment: [:], isTerminal: false) == nil)
        #expect(Pager.command(environment: [:], isTerminal: true) == "less")
        #expect(Pager.command(environment: ["PAGER": "more", "LIMN_PAGER": "most"], isTerminal: true) == "most")
        #expect(Pager.command(environment: ["LIMN_PAGER": ""], isTerminal: true) == nil)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        let text = String(repeating: "行 line\n", count: 20_000)
        let environment = ["PATH": "/usr/bin:/bin", "OUT": file.path]
        #expect(Pager.show(text, command: #"printf '%s ' "$LESS" > "$OUT"; cat >> "$OUT""#, environment: environment))
        #expect(try String(contentsOf: file, encoding: .utf8) == "FRX " + text)
    }

    @Test func descriptorsTakeEverythingAndTellWhenTheReaderHasGone() throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        let sink = DescriptorSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        try sink.write("waits")
        try sink.flush()
        #expect(pipe.fileHandleForReading.availableData == Data("waits".utf8))
        try pipe.fileHandleForReading.close()
        try sink.write("lost")
        #expect(throws: OutputFailure.self) { try sink.flush() }
    }
}

/// A clock that a test sets.
final class CannedClock: @unchecked Sendable {
    var milliseconds: Int64 = 0
}
