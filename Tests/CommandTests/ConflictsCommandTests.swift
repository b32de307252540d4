import Foundation
import LimnCommands
import Testing

@Suite("limn conflicts")
struct ConflictsCommandTests {
    @Test func twoEditsOfOneFieldAreListedOnBothNodes() throws {
        let pair = try NodePair()
        let id = try pair.disagree()
        for node in [pair.branch, pair.laptop] {
            let data = try node.data("conflicts")
            #expect(Set(data.keys) == ["total", "conflicts", "groups"])
            #expect(data["total"] as? Int == 1)
            #expect(data["groups"] is NSNull)
            let conflict = try #require((data["conflicts"] as? [[String: Any]])?.first)
            #expect(Set(conflict.keys) == ["key", "kind", "record", "name", "field", "shown", "candidates"])
            #expect(conflict["kind"] as? String == "field")
            #expect(conflict["record"] as? String == id)
            #expect(conflict["field"] as? String == "city")
            #expect(conflict["name"] as? String == "张伟")
            #expect(conflict["shown"] as? String == "广州")
            let candidates = try #require(conflict["candidates"] as? [[String: Any]])
            #expect(Set(candidates.compactMap { $0["value"] as? String }) == ["北京", "广州"])
            #expect(Set(candidates.compactMap { $0["node"] as? String }) == ["branch", "laptop"])
            #expect(Set(candidates.compactMap { $0["author"] as? String }) == ["An Na", "Bo Wen"])
            for candidate in candidates {
                #expect(Set(["value", "dot", "at", "node", "author", "source"]).isSubset(of: candidate.keys))
                #expect(candidate["source"] is NSNull)
                #expect((candidate["dot"] as? String)?.wholeMatch(of: #/[0-9a-f]{16}:\d+/#) != nil)
                #expect((candidate["at"] as? String)?.hasSuffix("Z") == true)
            }
        }
    }

    @Test func theExitCodeTellsWhereItIsAskedFor() throws {
        let pair = try NodePair()
        #expect(pair.branch("conflicts", "--exit-code").exitCode == 0)
        #expect(pair.branch("conflicts").error == "No conflicts.\n")
        #expect(pair.branch("conflicts", "--lang", "zh").error == "没有冲突。\n")
        _ = try pair.disagree()
        #expect(pair.branch("conflicts").exitCode == 0)
        let found = pair.branch("conflicts", "list", "--exit-code", "--json")
        #expect(found.exitCode == 1)
        #expect(try found.document()["schema"] as? String == "limn.conflicts/1")
    }

    @Test func theTableShowsValuesSideBySideWithWhoAndWhere() throws {
        let pair = try NodePair()
        _ = try pair.disagree()
        let lines = pair.laptop("conflicts").output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[0].contains("Customer") && lines[0].contains("Shown") && lines[0].contains("Also said"))
        #expect(lines[1].contains("张伟") && lines[1].contains("City"))
        let shown = try #require(lines[1].range(of: "广州")), other = try #require(lines[1].range(of: "北京"))
        #expect(shown.lowerBound < other.lowerBound)
        #expect(lines[2].contains("Bo Wen @ laptop") && lines[2].contains("An Na @ branch") && lines[2].contains("people"))
        let chinese = pair.laptop("conflicts", "--lang", "zh")
        #expect(chinese.output.contains("显示值") && chinese.output.contains("城市") && chinese.output.contains("人与人"))
        #expect(chinese.error.hasPrefix("共 1 个冲突。\n"))
        for columns in [60, 80, 200] {
            let narrow = pair.laptop("conflicts", "--color", "never", columns: columns).output.split(separator: "\n")
            #expect(narrow.allSatisfy { DisplayWidth.columns(String($0)) <= columns })
        }
    }

    @Test func aDeleteAgainstAnEditIsToldInTheReadersLanguage() throws {
        let pair = try NodePair()
        let id = try pair.branch.person("name=张伟", "city=上海")
        try pair.meet()
        #expect(pair.branch("delete", id).exitCode == 0)
        #expect(pair.laptop("edit", id, "city=广州").exitCode == 0)
        try pair.meet()
        let english = pair.branch("conflicts").output, chinese = pair.branch("conflicts", "--lang", "zh").output
        #expect(english.contains("City: 广州") && english.contains("deleted") && english.contains("Life"))
        #expect(chinese.contains("城市: 广州") && chinese.contains("已删除") && !chinese.contains("deleted") && !chinese.contains("living"))
        #expect(try pair.branch.conflicts()[0]["field"] as? String == "life")
        let values = try #require(try pair.branch.conflicts()[0]["candidates"] as? [[String: Any]])
        #expect(Set(values.compactMap { $0["value"] as? String }) == ["deleted", "广州"])
    }

    @Test func aLinkThatPeopleDisputeIsListedAndResolved() throws {
        let pair = try NodePair()
        let a = try pair.branch.person("name=张伟"), b = try pair.branch.person("name=张伟", "city=上海")
        try pair.meet()
        #expect(pair.branch("merge", a, b).exitCode == 0)
        try pair.meet()
        #expect(pair.branch("unmerge", a).exitCode == 0)
        #expect(pair.laptop("unmerge", a).exitCode == 0)
        #expect(pair.laptop("merge", a, b).exitCode == 0)
        try pair.meet()
        for node in [pair.branch, pair.laptop] {
            #expect(node("conflicts", "--exit-code").exitCode == 1)
            let conflict = try #require(try node.conflicts("--field", "same").first)
            #expect(Set(conflict.keys) == ["key", "kind", "record", "name", "field", "shown", "candidates"])
            #expect(conflict["kind"] as? String == "field" && conflict["field"] as? String == "same" && conflict["shown"] as? String == "yes")
            let candidates = try #require(conflict["candidates"] as? [[String: Any]])
            #expect(candidates.map { $0["value"] as? String } == ["yes", "no"])
            #expect(candidates.allSatisfy { [$0["record"], $0["other"]].compactMap { $0 as? String } == [a, b].sorted() })
            #expect(try node.data("status")["conflicts"] as? Int == 1)
            #expect(try node.conflicts("--record", b).count == 1)
        }
        let chinese = pair.branch("conflicts", "--lang", "zh").output
        #expect(chinese.contains("同一客户") && chinese.contains("是（") && chinese.contains("否（"))
        let key = try #require(try pair.branch.conflicts()[0]["key"] as? String)
        #expect(try pair.branch.data("conflicts", "show", key)["profile"] is [String: Any])
        #expect(try pair.branch.failure("conflicts", "resolve", key, "--value", "perhaps", exitCode: 64) == "node.bad-link")
        #expect(try pair.branch.data("conflicts", "resolve", key, "--value", "no")["resolved"] as? Int == 1)
        try pair.meet()
        for node in [pair.branch, pair.laptop] {
            #expect(try node.conflicts().isEmpty)
            #expect((try node.data("show", a)["members"] as? [Any])?.count == 1)
        }
    }

    @Test func filtersAndGroups() throws {
        let pair = try NodePair()
        let first = try pair.disagree()
        _ = try pair.disagree(name: "李雷")
        #expect(try pair.branch.conflicts("--field", "city").count == 2)
        #expect(try pair.branch.conflicts("--field", "phone").isEmpty)
        #expect(try pair.branch.conflicts("--record", first).count == 1)
        #expect(try pair.branch.conflicts("--limit", "1").count == 1)
        #expect(try pair.branch.failure("conflicts", "--field", "citty", exitCode: 64) == "node.unknown-field")
        #expect(try pair.branch.failure("conflicts", "--group", "x", exitCode: 64) == "usage.invalid-value")
        let data = try pair.branch.data("conflicts", "--group", "field,source")
        #expect(data["conflicts"] is NSNull)
        let groups = try #require(data["groups"] as? [[String: Any]])
        #expect(groups.count == 1)
        #expect(groups[0]["count"] as? Int == 2)
        #expect(groups[0]["field"] as? String == "city")
        #expect(groups[0]["sources"] as? [String] == ["branch", "laptop"])
        #expect(pair.branch("conflicts", "--group", "field,source").output.contains("branch · laptop"))
    }

    @Test func showingOneShowsTheProfileBesideIt() throws {
        let pair = try NodePair()
        let id = try pair.disagree()
        let key = try #require(try pair.branch.conflicts()[0]["key"] as? String)
        let data = try pair.branch.data("conflicts", "show", key)
        #expect(data["key"] as? String == key)
        let profile = try #require(data["profile"] as? [String: Any])
        #expect(profile["id"] as? String == id)
        let fields = try #require(profile["fields"] as? [String: [String: Any]])
        #expect(fields["city"]?["conflict"] as? Bool == true)
        #expect(fields["name"]?["value"] as? String == "张伟")
        let text = pair.branch("conflicts", "show", key)
        #expect(text.output.contains("Profile") && text.output.contains("Bo Wen @ laptop"))
        #expect(text.output.firstMatch(of: #/[0-9a-f]{16}:\d+/#) != nil)
        #expect(try pair.branch.failure("conflicts", "show", "0123456789ab/city", exitCode: 66) == "node.no-such-conflict")
    }

    @Test func aPickSettlesAllNodesAndCanBeUndone() throws {
        let pair = try NodePair()
        let id = try pair.disagree()
        let conflict = try pair.branch.conflicts()[0]
        let key = try #require(conflict["key"] as? String)
        let candidates = try #require(conflict["candidates"] as? [[String: Any]])
        let dot = try #require(candidates.first { $0["value"] as? String == "北京" }?["dot"] as? String)
        let done = try pair.branch.data("conflicts", "resolve", key, "--pick", dot, "--message", "asked")
        #expect(Set(done.keys) == ["resolved", "skipped", "operation"])
        #expect(done["resolved"] as? Int == 1)
        #expect(try pair.branch.value(id, "city") as? String == "北京")
        try pair.meet()
        #expect(try pair.laptop.conflicts().isEmpty)
        #expect(try pair.laptop.value(id, "city") as? String == "北京")
        let undo = pair.branch("undo")
        #expect(undo.exitCode == 0)
        #expect(try pair.branch.conflicts().count == 1)
    }

    @Test func aValueMayBeAnotherThanAll() throws {
        let pair = try NodePair()
        let id = try pair.disagree()
        let key = try #require(try pair.laptop.conflicts()[0]["key"] as? String)
        let result = pair.laptop("conflicts", "resolve", key, "--value", "深圳")
        #expect(result.error.hasPrefix("Resolved 1, left 0.\nTo take it back: limn undo "))
        #expect(try pair.laptop.value(id, "city") as? String == "深圳")
        #expect(try pair.laptop.failure("conflicts", "resolve", key, "--value", "x", exitCode: 66) == "node.no-such-conflict")
    }

    @Test func optionsThatDoNotGoTogetherAreRefused() throws {
        let node = try WorkingNode()
        #expect(try node.failure("conflicts", "resolve", exitCode: 64) == "usage.missing-argument")
        #expect(try node.failure("conflicts", "resolve", "a/b", exitCode: 64) == "usage.missing-argument")
        #expect(try node.failure("conflicts", "resolve", "a/b", "--all", exitCode: 64) == "usage.exclusive")
        #expect(try node.failure("conflicts", "resolve", "a/b", "--pick", "1:1", "--value", "x", exitCode: 64) == "usage.exclusive")
        #expect(try node.failure("conflicts", "resolve", "a/b", "--pick", "x", exitCode: 64) == "usage.invalid-value")
        #expect(try node.failure("conflicts", "resolve", "--all", exitCode: 64) == "usage.missing-argument")
        #expect(try node.failure("conflicts", "resolve", "--all", "--policy", "best", exitCode: 64) == "usage.invalid-value")
        #expect(try node.failure("conflicts", "resolve", "--all", "--value", "x", exitCode: 64) == "usage.exclusive")
    }

    @Test func allAreDecidedByARule() throws {
        let pair = try NodePair()
        let first = try pair.disagree(), second = try pair.disagree(name: "李雷")
        let rehearsal = try pair.branch.data("conflicts", "resolve", "--all", "--policy", "latest", "--dry-run")
        #expect(rehearsal["resolved"] as? Int == 2)
        #expect(rehearsal["operation"] is NSNull)
        #expect(try pair.branch.conflicts().count == 2)
        let none = try pair.branch.data("conflicts", "resolve", "--all", "--prefer", "erp")
        #expect(none["skipped"] as? Int == 2)
        let done = try pair.branch.data("conflicts", "resolve", "--all", "--field", "city", "--prefer", "branch")
        #expect(done["resolved"] as? Int == 2)
        #expect(done["operation"] is String)
        #expect(try pair.branch.value(first, "city") as? String == "北京")
        #expect(try pair.branch.value(second, "city") as? String == "北京")
        try pair.meet()
        #expect(try pair.laptop.conflicts().isEmpty)
    }

    @Test func deletesAgainstEditsAreListedAndDecided() throws {
        let pair = try NodePair()
        let id = try pair.branch.person("name=张伟", "city=上海")
        try pair.meet()
        #expect(pair.branch("delete", id).exitCode == 0)
        #expect(pair.laptop("edit", id, "city=广州").exitCode == 0)
        try pair.meet()
        let conflict = try #require(try pair.branch.conflicts().first)
        #expect(conflict["kind"] as? String == "delete-edit")
        let key = try #require(conflict["key"] as? String)
        let table = pair.branch("conflicts")
        #expect(table.output.contains("delete/edit") && table.output.contains("City: 广州"))
        #expect(pair.branch("conflicts", "resolve", key, "--value", "deleted").exitCode == 0)
        try pair.meet()
        #expect(try pair.laptop.conflicts().isEmpty)
        #expect(try pair.laptop.data("show", id)["deleted"] as? Bool == true)
    }

    @Test func aPersonIsAskedOneAfterTheOther() throws {
        let pair = try NodePair()
        let first = try pair.disagree(), second = try pair.disagree(name: "李雷")
        let answers = CannedSource("x\n1\nu\nv\n深圳\ns\n", isTerminal: true)
        let result = pair.branch("conflicts", "resolve", "-i", input: answers, columns: 100)
        #expect(result.exitCode == 0, "\(result.error)")
        #expect(result.error.contains("Please give a number from 1 to 2"))
        #expect(result.error.contains("Resolved 1, left 1."))
        let values = try [first, second].map { try pair.branch.value($0, "city") as? String }
        #expect(values.contains("深圳"))
        #expect(try pair.branch.conflicts().count == 1)
        // The end of input after an answer ends the dialogue; before any, somebody is missing.
        let quit = pair.branch("conflicts", "resolve", "-i", input: CannedSource("q\n", isTerminal: true), columns: 100)
        #expect(quit.error.contains("Resolved 0, left 1."))
        #expect(pair.branch("conflicts", "resolve", "-i").exitCode == 64)
        #expect(pair.branch("conflicts", "resolve", "-i", "--json", input: CannedSource("1\n", isTerminal: true)).exitCode == 64)
    }

    @Test func aSpreadsheetCarriesTheDecisions() throws {
        let pair = try NodePair()
        let first = try pair.disagree(), second = try pair.disagree(name: "李雷")
        _ = try pair.disagree(name: "韩梅梅")
        let path = pair.branch.folder + "/conflicts.csv"
        let exported = pair.branch("conflicts", "export", path)
        #expect(exported.exitCode == 0)
        #expect(exported.error.hasPrefix("Wrote 3 conflicts to \(path).\n"))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var lines = text.replacingOccurrences(of: "\r\n", with: "\n").split(separator: "\n").map(String.init)
        #expect(lines[0].hasSuffix("key,customer,record,field,shown,value_1,said_by_1,dot_1,value_2,said_by_2,dot_2,decision"))
        #expect(lines.count == 4)
        for (index, line) in lines.enumerated().dropFirst() {
            // 张伟: a candidate by its dot. 李雷: a value of its own. The third is left.
            if line.contains("张伟") {
                let dot = try #require(line.firstMatch(of: #/北京,[^,]*(?:,[^,]*)*?,([0-9a-f]{16}:\d+)/#)).1
                lines[index] += dot
            }
            if line.contains("李雷") { lines[index] += "深圳" }
        }
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let done = try pair.branch.data("conflicts", "apply", path)
        #expect(done["resolved"] as? Int == 2)
        #expect(done["skipped"] as? Int == 0)
        #expect(["北京", "广州"].contains(try pair.branch.value(first, "city") as? String))
        #expect(try pair.branch.value(second, "city") as? String == "深圳")
        #expect(try pair.branch.conflicts().count == 1)
        #expect(try pair.branch.data("conflicts", "apply", path)["skipped"] as? Int == 2)
        #expect(pair.branch("conflicts", "export", "-").output.contains("韩梅梅"))
        #expect(pair.branch("conflicts", "apply", "/nonexistent.csv").exitCode == 66)
    }
}
