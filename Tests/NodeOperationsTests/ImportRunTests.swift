import Causality
import FleetSupport
import Foundation
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Synchronization
import Testing

/// Imports as runs: what they count, what they reject, and how they go on after an end that nobody wanted.
struct ImportRunTests {
    private func table(_ rows: Int) -> String {
        "external_id,name,title,phone\n" + (0..<rows).map { "\($0),customer \($0),title \($0 % 7),139\($0 + 10_000_000)\n" }.joined()
    }

    private func options(_ source: String) -> ImportOptions {
        var options = ImportOptions()
        options.source = source
        return options
    }

    @Test func aRunThatIsStoppedBetweenSlicesGoesOn() throws {
        let fleet = try TestFleet(2)
        let path = try fleet.folder.file("table.csv", table(21_000))
        let slices = Mutex(0)
        try fleet.reopen(0, isCancelled: { slices.withLock { $0 } == 1 })
        let stopping = fleet[0], options = options("erp")
        let error = #expect(throws: NodeError.self) {
            try stopping.importTable(path: path, options: options, progress: { _ in slices.withLock { $0 += 1 } })
        }
        #expect(error?.code == "node.cancelled")
        try fleet.reopen(0)
        #expect(try fleet[0].status().counts.customers == 20_000, "whole slices are there and nothing else")
        let outcome = try fleet[0].importTable(path: path, options: options)
        #expect((outcome.rows, outcome.created, outcome.updated, outcome.unchanged, outcome.rejected) == (21_000, 1_000, 0, 20_000, 0))
        _ = try fleet[1].importTable(path: path, options: options)
        try fleet.settle()
        #expect(try fleet[1].status().counts.customers == 21_000)
    }

    @Test func aCustomerThatATableNamesTwiceIsMadeOnceAndThenChanged() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        // Long enough that the customers at hand are read at once instead of one by one.
        let again = "7,customer 7,title again,13910000007\n"
        let once = try fleet.folder.file("once.csv", table(400)), twice = try fleet.folder.file("twice.csv", table(600) + again)
        #expect(try node.importTable(path: once, options: options("erp")).created == 400)
        let outcome = try node.importTable(path: twice, options: options("erp"))
        #expect((outcome.rows, outcome.created, outcome.updated, outcome.unchanged) == (601, 200, 1, 400))
        #expect(try node.show("erp:7").values.first { $0.field.name == "title" }?.values == ["title again"])
        #expect(try node.status().counts.customers == 600)
    }

    @Test func rejectsAndDoubts() throws {
        let fleet = try TestFleet(2)
        var options = options("erp")
        options.rejectsPath = fleet.folder["rejects.csv"]
        let text = """
            external_id,name,birth_date,revenue,gender
            1,张伟,1980-02-30,,男
            2,李娜,1980-02-28,,女,too many
            3,王芳,not a date,,martian
            4,"赵
            敏",1990-01-01,,female
            5,孙俪,1982-09-26,,

            """
        let path = try fleet.folder.file("table.csv", text)
        let outcome = try fleet[0].importTable(path: path, options: options, describe: { "reason \($0.code)" })
        #expect((outcome.rows, outcome.created, outcome.rejected, outcome.flagged) == (5, 4, 1, 3))
        #expect(outcome.created + outcome.updated + outcome.unchanged + outcome.rejected == outcome.rows)
        let rejects = try String(contentsOfFile: fleet.folder["rejects.csv"], encoding: .utf8)
        #expect(rejects.contains("李娜") && rejects.contains("reason exchange."))
        let items = try fleet[0].reviewItems()
        #expect(Set(items.map { "\($0.field)=\($0.raw)" }) == ["birth_date=1980-02-30", "birth_date=not a date", "gender=martian"])
        #expect(try fleet[0].value("name", of: fleet[0].record("erp:4")) == "赵 敏", "a name is one line")
        let again = try fleet[0].importTable(path: path, options: options)
        #expect((again.unchanged, again.rejected, again.flagged) == (4, 1, 3))
        #expect(try fleet[0].reviewItems().count == 3, "a doubt is listed once")
        _ = try fleet[1].importTable(path: path, options: options)
        try fleet.settle()
        #expect(try fleet[1].reviewItems().count == 3, "a doubt is one row on all nodes")
        let item = try #require(try fleet[1].reviewItems().first { $0.raw == "1980-02-30" })
        _ = try fleet[1].decide([item.key], .fix("1980-02-28"))
        try fleet.settle()
        #expect(try fleet[0].reviewItems().count == 2)
        #expect(try fleet[0].value("birth_date", of: fleet[0].record("erp:1")) == "1980-02-28")
    }

    @Test func aStrictImportWithARejectedRowChangesNothing() throws {
        let fleet = try TestFleet(1)
        var options = options("erp")
        options.isStrict = true
        let digest = try fleet[0].status().counts.digest
        let path = try fleet.folder.file("table.csv", "external_id,name\n1,张伟\n2,李娜,x\n")
        let outcome = try fleet[0].importTable(path: path, options: options)
        #expect(outcome.isRefused && outcome.rejected == 1 && outcome.created == 0)
        #expect(outcome.created + outcome.updated + outcome.unchanged + outcome.rejected == outcome.rows)
        #expect(try fleet[0].status().counts.digest == digest)
    }

    @Test func aRehearsalCountsAndWritesNothing() throws {
        let fleet = try TestFleet(1)
        try fleet[0].importText("external_id,name\n1,张伟\n2,李娜\n", source: "erp", in: fleet.folder)
        let digest = try fleet[0].status().counts.digest
        var options = options("erp")
        options.isDryRun = true
        let path = try fleet.folder.file("table.csv", "external_id,name\n1,张伟\n2,李敏\n3,王芳\n3,王芳\n")
        let outcome = try fleet[0].importTable(path: path, options: options)
        #expect((outcome.created, outcome.updated, outcome.unchanged, outcome.operation) == (1, 1, 2, nil))
        #expect(try fleet[0].status().counts.digest == digest)
        options.isDryRun = false
        let real = try fleet[0].importTable(path: path, options: options)
        #expect((real.created, real.updated, real.unchanged) == (1, 1, 2))
    }

    @Test func rowsWithoutAnIdAreKeyedByTheirContentOrByColumns() throws {
        let fleet = try TestFleet(2)
        let text = "name,phone,title\n张伟,13800000001,经理\n李娜,13800000002,主管\n"
        for node in fleet.nodes { try node.importText(text, source: "erp", in: fleet.folder) }
        #expect(try fleet[0].importText(text, source: "erp", in: fleet.folder).unchanged == 2)
        var options = options("cards")
        options.key = ["phone"]
        let path = try fleet.folder.file("cards.csv", text)
        _ = try fleet[0].importTable(path: path, options: options)
        let changed = try fleet.folder.file("changed.csv", text.replacing("经理", with: "总监"))
        let outcome = try fleet[1].importTable(path: path, options: options)
        #expect(outcome.created == 2)
        #expect(try fleet[1].importTable(path: changed, options: options).updated == 1)
        try fleet.settle()
        #expect(try fleet[0].status().counts.customers == 4)
        #expect(try fleet[0].status().counts.conflicts == 0)
    }

    @Test func columnsThatBecomeFieldsAreOneFieldEverywhere() throws {
        let fleet = try TestFleet(2)
        var options = options("erp")
        options.addsFields = true
        let path = try fleet.folder.file("table.csv", "external_id,name,预算\n1,张伟,100\n")
        for node in fleet.nodes {
            let outcome = try node.importTable(path: path, options: options)
            #expect(outcome.addedFields == ["预算"] && outcome.created == 1 && outcome.rows == 1)
        }
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.value("预算", of: node.record("erp:1")) == "100")
            #expect(try node.status().counts.conflicts == 0)
        }
        try fleet[0].edit(fleet[0].record("erp:1"), "预算=200")
        try fleet.settle()
        #expect(try fleet[1].value("预算", of: fleet[1].record("erp:1")) == "200")
    }

    @Test func moreFieldsThanThereIsRoomForAreRefusedAndTheStoreIsAsBefore() throws {
        let fleet = try TestFleet(1)
        let record = try fleet[0].add("name=张伟")
        let digest = try fleet[0].status().counts.digest
        let text = String(repeating: "长", count: 19_000)
        #expect { try fleet[0].edit(record, "unknown_field=x") } throws: { ($0 as? NodeError)?.code == "node.unknown-field" }
        #expect(try fleet[0].status().counts.digest == digest)
        try fleet[0].edit(record, "note=\(text.prefix(1_000))")
        try fleet.check()
    }
}
