import Causality
import FleetSupport
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// Operations that are taken back, and taken back again.
struct UndoTests {
    private func fleet() throws -> (fleet: TestFleet, record: RowID) {
        let fleet = try TestFleet(2)
        let record = try fleet[0].add("name=张伟", "title=经理", "tags=vip")
        try fleet.settle()
        return (fleet, record)
    }

    @Test func undoingAnEdit() throws {
        let (fleet, record) = try fleet()
        try fleet[0].edit(record, "title=总监", "address=上海", "tags+=north", "tags-=vip")
        try fleet.settle()
        let outcome = try fleet[0].undo(nil)
        #expect(outcome.kept.isEmpty && outcome.cells == 4)
        try fleet.settle()
        for node in fleet.nodes {
            let profile = try node.show(record.description)
            #expect(profile["title"] == ["经理"] && profile["address"] == [] && profile.tags == ["vip"])
            #expect(profile.conflicts.isEmpty)
            #expect(profile.values.first { $0.field.name == "title" }?.author == "person 0")
        }
    }

    @Test func undoingAnUndo() throws {
        let (fleet, record) = try fleet()
        try fleet[0].edit(record, "title=总监", "address=上海", "tags-=vip")
        let first = try fleet[0].undo(nil)
        let second = try fleet[0].undo(first.operation)
        #expect(second.kept.isEmpty && second.cells == 3)
        try fleet.settle()
        for node in fleet.nodes {
            let profile = try node.show(record.description)
            #expect(profile["title"] == ["总监"] && profile["address"] == ["上海"] && profile.tags == [] && profile.conflicts.isEmpty)
        }
        let third = try fleet[0].undo(first.undone)
        #expect(third.kept.isEmpty && third.cells == 3, "what stands again can be undone again")
        #expect(try fleet[0].value("title", of: record) == "经理")
    }

    @Test func whatOthersHaveChangedSinceIsKept() throws {
        let (fleet, record) = try fleet()
        let edit = try fleet[0].edit(record, "title=总监", "address=上海")
        try fleet.settle()
        try fleet[1].edit(record, "title=副总")
        try fleet.settle()
        let outcome = try fleet[0].undo(edit.operation)
        #expect(outcome.kept.map(\.record) == [record] && outcome.cells == 1)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.value("title", of: record) == "副总")
            #expect(try node.value("address", of: record) == nil)
        }
    }

    @Test func anUndoThatRacesAnotherEdit() throws {
        let (fleet, record) = try fleet()
        let edit = try fleet[0].edit(record, "title=总监")
        try fleet.settle()
        try fleet[1].edit(record, "title=副总")
        _ = try fleet[0].undo(edit.operation)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.conflicts(of: record) == ["field title: 副总, 经理"]) }
    }

    @Test func undoingAnImport() throws {
        let fleet = try TestFleet(2)
        let table = "external_id,name,title\n1,张伟,经理\n2,李娜,主管\n"
        try fleet[0].importText(table, source: "erp", in: fleet.folder)
        let record = try fleet[0].record("erp:1")
        let second = try fleet[0].importText(table.replacing("经理", with: "总监") + "3,王芳,总裁\n", source: "erp", in: fleet.folder)
        #expect((second.created, second.updated, second.unchanged) == (1, 1, 1))
        try fleet.settle()
        let outcome = try fleet[0].undo(second.operation)
        #expect(outcome.kept.isEmpty)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.value("title", of: record) == "经理")
            #expect(try node.status().counts.customers == 2)
        }
        _ = try fleet[0].undo(outcome.operation)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.value("title", of: record) == "总监")
            #expect(try node.status().counts.customers == 3)
            #expect(try node.value("title", of: node.record("erp:3")) == "总裁")
        }
        let again = try fleet[0].importText(table, source: "erp", in: fleet.folder)
        #expect(again.updated == 1)
        #expect(try fleet[0].value("title", of: record) == "经理")
    }

    @Test func undoingAnImportLeavesWhatPeopleWroteSince() throws {
        let fleet = try TestFleet(2)
        let imported = try fleet[0].importText("external_id,name\n1,张伟\n", source: "erp", in: fleet.folder)
        try fleet.settle()
        let record = try fleet[1].record("erp:1")
        try fleet[1].edit(record, "title=总监", "address=上海", "industry=软件", "note=重要")
        try fleet.settle()
        _ = try fleet[0].undo(imported.operation)
        try fleet.settle()
        for node in fleet.nodes {
            let profile = try node.show(record.description)
            #expect(profile["name"] == [] && profile["title"] == ["总监"] && profile["address"] == ["上海"])
        }
    }

    @Test func anImportAfterAnUndoneOneGoesIn() throws {
        let fleet = try TestFleet(1)
        let table = "external_id,name\n1,张伟\n2,李娜\n"
        let first = try fleet[0].importText(table, source: "erp", in: fleet.folder)
        _ = try fleet[0].undo(first.operation)
        #expect(try fleet[0].status().counts.customers == 0)
        try fleet[0].importText(table, source: "erp", in: fleet.folder)
        #expect(try fleet[0].status().counts.customers == 2)
        #expect(try fleet[0].value("name", of: fleet[0].record("erp:1")) == "张伟")
        try fleet.check()
    }

    /// More rows than are in memory at once, some of them changed twice by one operation.
    @Test func undoingWhatManyRowsHold() throws {
        let fleet = try TestFleet(1), node = fleet[0], count = 2_500
        let rows = (0..<count).map { "\($0),n\($0),上海" }
        let imported = try node.importText("external_id,name,city\n" + rows.joined(separator: "\n"), source: "erp", in: fleet.folder)
        let first = "erp:\(count - 1),\\N,\\N\n", others = (0..<count).map { "erp:\($0),总监,北京\n" }.joined()
        let corrected = try node.applyCorrections(path: fleet.folder.file("corrections.csv", "id,title,city\n" + first + others))
        func undo(_ operation: OperationID?) throws -> (outcome: UndoOutcome, told: [Int]) {
            var told: [Int] = []
            let outcome = try node.undo(operation) { rows, all in
                #expect(rows <= all)
                told.append(rows)
            }
            #expect(outcome.kept.isEmpty && told == told.sorted())
            return (outcome, told)
        }
        let back = try undo(corrected.operation)
        #expect(back.told.count > 2 && back.told.last! >= count, "progress is told on the way")
        for number in [0, count - 1] { #expect(try node.value("city", of: node.record("erp:\(number)")) == "上海") }
        let forth = try undo(back.outcome.operation)
        for number in [0, count - 1] { #expect(try node.value("city", of: node.record("erp:\(number)")) == "北京") }
        _ = try undo(forth.outcome.operation)
        #expect(try undo(imported.operation).told.count == 3)
        #expect(try node.status().counts.customers == 0)
        try fleet.check()
    }

    @Test func undoingIsStoppedWithNothingUndone() throws {
        let fleet = try TestFleet(1)
        let imported = try fleet[0].importText("external_id,name\n1,张伟\n", source: "erp", in: fleet.folder)
        let stopped = Node(store: fleet[0].store, author: "person", isCancelled: { true })
        #expect(throws: NodeError("node.cancelled")) { try stopped.undo(imported.operation) }
        #expect(try fleet[0].status().counts.customers == 1)
        _ = try fleet[0].undo(imported.operation)
        #expect(try fleet[0].status().counts.customers == 0)
    }

    @Test func undoingAResolution() throws {
        let (fleet, record) = try fleet()
        for index in 0..<2 { try fleet[index].edit(record, "title=title \(index)") }
        try fleet.settle()
        let resolved = try fleet[0].resolve(#require(try fleet[0].conflicts().conflicts.first).key, .value("title 0"))
        try fleet.settle()
        let undone = try fleet[0].undo(resolved.operation)
        #expect(undone.kept.isEmpty && undone.cells == 1)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.conflicts(of: record) == ["field title: title 0, title 1"]) }
        let again = try fleet[0].undo(undone.operation)
        #expect(again.kept.isEmpty && again.cells == 1)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            #expect(try node.value("title", of: record) == "title 0")
        }
    }

    @Test func undoingADelete() throws {
        let (fleet, record) = try fleet()
        let deleted = try fleet[0].delete(record.description)
        try fleet.settle()
        let undone = try fleet[0].undo(deleted.operation)
        #expect(undone.kept.isEmpty)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try !node.show(record.description).isDeleted && node.conflicts().total == 0)
            #expect(try node.status().counts.customers == 1)
        }
        _ = try fleet[0].undo(undone.operation)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.show(record.description).isDeleted && node.conflicts().total == 0) }
    }

    @Test func undoingAnAddition() throws {
        let (fleet, _) = try fleet()
        let added = try fleet[0].add(.person, [Assignment("name=李娜"), Assignment("tags=vip")])
        try fleet.settle()
        let undone = try fleet[0].undo(added.operation)
        #expect(undone.kept.isEmpty)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.status().counts.customers == 1) }
        _ = try fleet[0].undo(undone.operation)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.status().counts.customers == 2)
            #expect(try node.show(added.id.description).tags == ["vip"])
        }
    }

    @Test func undoingAMergeAndAnUnmerge() throws {
        let fleet = try TestFleet(2)
        let a = try fleet[0].add("name=张伟"), b = try fleet[0].add("name=李娜")
        let before = try fleet[0].text(of: a)
        let merged = try fleet[0].merge(a.description, b.description)
        try fleet.settle()
        let undone = try fleet[0].undo(merged.operation)
        #expect(undone.kept.isEmpty)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.text(of: a) == before) }
        _ = try fleet[0].undo(undone.operation)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.show(a.description).members == [a, b].sorted()) }
        let separated = try fleet[0].unmerge(a.description)
        try fleet.settle()
        _ = try fleet[0].undo(separated.operation)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.show(a.description).members == [a, b].sorted()) }
    }

    @Test func undoOfALaterOperationBringsBackTheEarlier() throws {
        let (fleet, record) = try fleet()
        for title in ["a", "b", "c"] { try fleet[0].edit(record, "title=\(title)") }
        for expected in ["b", "a", "经理"] {
            _ = try fleet[0].undo(nil)
            #expect(try fleet[0].value("title", of: record) == expected)
        }
        try fleet.settle()
        #expect { try fleet[1].undo(nil) } throws: { ($0 as? NodeError)?.code == "node.nothing-to-undo" }
    }
}
