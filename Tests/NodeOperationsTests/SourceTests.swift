import Causality
import FleetSupport
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// What files and other systems say, beside what people say.
struct SourceTests {
    private let table = """
        external_id,name,title,phone,tags
        1,张伟,经理,13800000001,vip;north
        2,李娜,主管,13800000002,
        3,王芳,,,vip

        """

    private func changed(_ title: String) -> String { table.replacing("1,张伟,经理", with: "1,张伟,\(title)") }

    @Test func theSameFileOnTwoOfflineNodesIsOneRecordEach() throws {
        let fleet = try TestFleet(2)
        for node in fleet.nodes {
            let outcome = try node.importText(table, source: "erp", in: fleet.folder)
            #expect((outcome.rows, outcome.created, outcome.rejected) == (3, 3, 0))
        }
        try fleet.settle()
        for node in fleet.nodes {
            let counts = try node.status().counts
            #expect((counts.customers, counts.conflicts, counts.disagreements) == (3, 0, 0))
            #expect(try node.value("title", of: node.record("erp:1")) == "经理")
            #expect(try node.show("erp:1").tags == ["north", "vip"])
        }
        let again = try fleet[0].importText(table, source: "erp", in: fleet.folder)
        #expect((again.created, again.updated, again.unchanged) == (0, 0, 3))
        #expect(again.operation == nil, "nothing is listed where nothing changed")
        try fleet.check()
    }

    @Test(arguments: [0, 1]) func anEditStaysThroughAnotherImport(_ importer: Int) throws {
        let fleet = try TestFleet(2)
        try fleet[0].importText(table, source: "erp", in: fleet.folder)
        try fleet.settle()
        let record = try fleet[0].record("erp:1")
        try fleet[0].edit(record, "title=总监")
        if importer == 0 { try fleet.settle() }
        let again = try fleet[importer].importText(table, source: "erp", in: fleet.folder)
        #expect(again.unchanged == 3)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.value("title", of: record) == "总监")
            #expect(try node.conflicts().total == 0)
        }
    }

    @Test func aFileImportedElsewhereForTheFirstTimeDoesNotContestAnEdit() throws {
        let fleet = try TestFleet(2)
        try fleet[0].importText(table, source: "erp", in: fleet.folder)
        let record = try fleet[0].record("erp:1")
        try fleet[0].edit(record, "title=总监")
        try fleet[1].importText(table, source: "erp", in: fleet.folder)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.value("title", of: record) == "总监")
            #expect(try node.conflicts().total == 0)
        }
    }

    @Test func aSourceThatChangesAfterAnEditIsOneConflictUntilItGoesBack() throws {
        let fleet = try TestFleet(2)
        try fleet[0].importText(table, source: "erp", in: fleet.folder)
        try fleet.settle()
        let record = try fleet[0].record("erp:1")
        try fleet[1].edit(record, "title=总监")
        try fleet.settle()
        #expect(try fleet[0].importText(changed("副总"), source: "erp", in: fleet.folder).updated == 1)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts(of: record) == ["source title: 副总, 总监"])
            #expect(try node.conflicts().conflicts[0].candidates.contains { $0.source == "erp" && $0.value == "副总" })
        }
        #expect(try fleet[1].importText(changed("副总"), source: "erp", in: fleet.folder).unchanged == 3)
        #expect(try fleet[1].conflicts().total == 1)
        try fleet[1].importText(table, source: "erp", in: fleet.folder)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            #expect(try node.value("title", of: record) == "总监")
        }
    }

    @Test func aSourceConflictIsResolved() throws {
        let fleet = try TestFleet(2)
        try fleet[0].importText(table, source: "erp", in: fleet.folder)
        try fleet.settle()
        let record = try fleet[0].record("erp:1")
        try fleet[0].edit(record, "title=总监")
        try fleet[0].importText(changed("副总"), source: "erp", in: fleet.folder)
        try fleet.settle()
        let outcome = try fleet[1].resolveAll(ConflictFilter(), by: .prefer("erp"))
        #expect(outcome.resolved == 1)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.conflicts().total == 0)
            #expect(try node.value("title", of: record) == "副总")
        }
        #expect(try fleet[0].importText(changed("副总"), source: "erp", in: fleet.folder).unchanged == 3)
        #expect(try fleet[0].conflicts().total == 0)
    }

    @Test func twoSourcesThatDifferDisagreeAndDoNotConflict() throws {
        let fleet = try TestFleet(2)
        try fleet[0].importText(table, source: "erp", in: fleet.folder)
        let record = try fleet[0].record("erp:1")
        let other = "external_id,name,title\n1,张伟,总监\n"
        var options = ImportOptions()
        options.source = "crm"
        _ = try fleet[0].importTable(path: fleet.folder.file("crm.csv", other), options: options)
        _ = try fleet[0].merge(record.description, fleet[0].record("crm:1").description)
        try fleet.settle()
        for node in fleet.nodes {
            let counts = try node.status().counts
            #expect((counts.conflicts, counts.disagreements, counts.customers) == (0, 1, 3))
            #expect(try node.conflicts().total == 0)
            var filter = ConflictFilter()
            filter.includesDisagreements = true
            #expect(try node.conflicts(filter).conflicts.map(\.kind) == [.disagreement])
            #expect(try node.value("title", of: record) == "总监", "the later source is shown")
        }
    }

    @Test func aRemovedTagIsNotBroughtBack() throws {
        let fleet = try TestFleet(2)
        try fleet[0].importText(table, source: "erp", in: fleet.folder)
        try fleet.settle()
        let record = try fleet[0].record("erp:1")
        try fleet[0].edit(record, "tags-=vip", "phone-=13800000001")
        try fleet[1].importText(table, source: "erp", in: fleet.folder)
        try fleet.settle()
        try fleet[0].importText(table, source: "erp", in: fleet.folder)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.show("erp:1").tags == ["north"])
            #expect(try node.show("erp:1")["phone"] == [])
        }
    }

    @Test func aDeletedCustomerIsNotRevived() throws {
        let fleet = try TestFleet(2)
        try fleet[0].importText(table, source: "erp", in: fleet.folder)
        try fleet.settle()
        let record = try fleet[0].record("erp:1")
        _ = try fleet[0].delete(record.description)
        try fleet[1].importText(changed("副总"), source: "erp", in: fleet.folder)
        try fleet.settle()
        try fleet[0].importText(changed("总裁"), source: "erp", in: fleet.folder)
        try fleet.settle()
        for node in fleet.nodes {
            let counts = try node.status().counts
            #expect((counts.customers, counts.conflicts) == (2, 0))
            #expect(try node.show(record.description).isDeleted)
        }
        _ = try fleet[1].restore(record.description)
        #expect(try fleet[1].value("title", of: record) == "总裁", "the source went on speaking beneath the delete")
    }

    @Test func anImportClearsWhereItSaysSo() throws {
        let fleet = try TestFleet(1)
        try fleet[0].importText(table, source: "erp", in: fleet.folder)
        let record = try fleet[0].record("erp:1")
        try fleet[0].importText(changed(""), source: "erp", in: fleet.folder)
        #expect(try fleet[0].value("title", of: record) == "经理", "an empty cell says nothing")
        #expect(try fleet[0].importText(changed("\\N"), source: "erp", in: fleet.folder).updated == 1)
        #expect(try fleet[0].value("title", of: record) == nil)
        try fleet.check()
    }

    @Test func anEventWaitsForItsCustomerAndIsCorrected() throws {
        let fleet = try TestFleet(2)
        var options = ImportOptions()
        (options.source, options.kind) = ("erp", .event)
        let events = "external_id,customer,type,time,amount\no1,1,order,2025-03-01,100\no2,erp:9,order,2025-03-02,5\n"
        let first = try fleet[0].importTable(path: fleet.folder.file("orders.csv", events), options: options)
        #expect((first.created, first.waiting) == (2, 2))
        try fleet[1].importText(table, source: "erp", in: fleet.folder)
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.show("erp:1").eventCount == 1)
            #expect(try node.status().counts.events == 2)
        }
        let corrected = events.replacing(",100", with: ",120")
        let second = try fleet[1].importTable(path: fleet.folder.file("orders.csv", corrected), options: options)
        #expect((second.created, second.updated, second.unchanged) == (0, 1, 1))
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.show("erp:1").timeline.first?.attributes["amount"] == "120") }
    }
}
