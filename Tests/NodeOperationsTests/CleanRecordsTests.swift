import Causality
import FleetSupport
import NodeEnvironment
import NodeOperations
import ProfileModel
import ProfileStore
import StandardForms
import Testing

/// Cleaning writes what follows as a word that counts only where nobody speaks, and asks about what cannot be.
struct CleanRecordsTests {
    private static let all = Set(CleanRule.allCases)

    private func source(_ field: String, of record: RowID, on node: Node) throws -> String? {
        try node.show(record.description).values.first { $0.field.name == field }?.source
    }

    @Test func gapsAreFilledInOneOperationThatUndoTakesBack() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        try node.importText("""
            external_id,name,national_id,postcode,phone,company
            1,欧阳娜娜,11010519491231002X,518000,13800138000,华信软件有限公司
            2,李雷,,,0512-62781234,

            """, source: "crm", kind: .person, in: fleet.folder)
        try node.importText("external_id,name,industry\n9,华信软件有限公司,I65\n", source: "erp", kind: .organization, in: fleet.folder)
        let first = try node.record("crm:1"), second = try node.record("crm:2")
        let before = try node.text(of: first)
        let rehearsal = try node.clean(Self.all, isDryRun: true)
        #expect(rehearsal.operation == nil && rehearsal.filled[.init(field: "birth_date", origin: "identity")] == 1)
        #expect(try node.text(of: first) == before)
        let outcome = try node.clean(Self.all)
        #expect(outcome.customers == 3 && outcome.filled == rehearsal.filled)
        #expect(try node.value("birth_date", of: first) == "1949-12-31" && node.value("gender", of: first) == "female")
        #expect(try node.value("region", of: first) == "广东省深圳市" && node.value("family_name", of: first) == "欧阳")
        #expect(try node.value("industry", of: first) == "I65" && source("industry", of: first, on: node) == "inferred:employer")
        #expect(try node.value("city", of: second) == "苏州市" && source("city", of: second, on: node) == "inferred:area-code")
        #expect(try node.value("purchasing_power", of: first) == "high" && source("purchasing_power", of: first, on: node) == "inferred:regional-income")
        #expect(try node.history(first.description, field: "purchasing_power").last?.given == "广东省")
        #expect(try node.history(first.description, field: "region").last?.given == "518000", "the reason stands in the history")
        #expect(try node.history(first.description, field: "birth_date").last?.given == nil, "an identity number is not written twice")
        #expect(try node.operations().first?.command == "clean")
        let again = try node.clean(Self.all)
        #expect(again.operation == nil && again.filled.isEmpty && again.flagged.isEmpty)
        _ = try node.undo(outcome.operation)
        #expect(try node.text(of: first) == before)
    }

    @Test func whateverAnybodySaysGoesBeforeAnInference() throws {
        let fleet = try TestFleet(2), node = fleet[0], other = fleet[1]
        let table = "external_id,name,postcode\n1,张伟,518000\n2,李雷,518000\n"
        try node.importText(table, source: "crm", kind: .person, in: fleet.folder)
        let first = try node.record("crm:1"), second = try node.record("crm:2")
        try fleet.settle()
        // A file and a person speak elsewhere before the inference is made, which has the later stamp.
        try other.importText("external_id,name,city\n1,张伟,广州市\n", source: "crm", kind: .person, in: fleet.folder)
        try other.edit(second, "city=珠海市")
        fleet.environments[0].advance(microseconds: 60_000_000)
        try node.clean(Self.all)
        #expect(try node.value("city", of: first) == "深圳市" && node.value("city", of: second) == "深圳市")
        try fleet.settle()
        for node in fleet.nodes {
            #expect(try node.value("city", of: first) == "广州市" && node.value("city", of: second) == "珠海市")
            #expect(try node.conflicts().conflicts.isEmpty, "an inference contests nothing")
            #expect(try node.status().counts.disagreements == 0)
        }
        // What somebody cleared stays so, and a later word needs no resolution.
        try node.edit(first, "state=")
        #expect(try node.clean(Self.all).filled[.init(field: "state", origin: "postcode")] == nil)
        #expect(try node.value("state", of: first) == nil)
    }

    @Test func anInferenceFollowsWhatItWasTakenFrom() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        let record = try node.add("name=张伟", "postcode=518000")
        try node.clean(Self.all)
        try node.edit(record, "postcode=215600")
        #expect(try node.clean(Self.all).filled[.init(field: "city", origin: "postcode")] == 1)
        #expect(try node.value("city", of: record) == "苏州市" && node.value("region_code", of: record) == "320500")
        #expect(try node.conflicts().conflicts.isEmpty && node.status().counts.disagreements == 0)
    }

    @Test func impossibleValuesAreAskedAboutAndNotMended() throws {
        let fleet = try TestFleet(2), node = fleet[0]
        let old = try node.add("name=老寿星", "birth_date=1820-01-01", "phone=13800138000")
        let lost = try node.add("name=无名氏")
        let outcome = try node.clean(Self.all)
        #expect(outcome.flagged == [.age: 1, .quarantine: 1])
        #expect(try node.value("birth_date", of: old) == "1820-01-01")
        #expect(try Set(node.reviewItems().map(\.record)) == [old, lost])
        // The other node finds the same, and both lists are one.
        try fleet.settle()
        #expect(try fleet[1].clean(Self.all).flagged.isEmpty)
        try fleet.settle()
        #expect(try fleet[1].reviewItems().count == 2)
        // What is answered is settled by the next run.
        try node.edit(lost, "phone=13900139000")
        #expect(try node.clean(Self.all).settled == 1)
        #expect(try node.reviewItems().map(\.reason) == ["quality.impossible-age"])
        // What a person rejected is not asked again.
        _ = try node.decide(try node.reviewItems().map(\.key), .reject)
        #expect(try node.clean(Self.all).flagged.isEmpty)
        // Another value is another question, and so is one that was settled and is back.
        try node.edit(old, "birth_date=1821-01-01")
        try node.edit(lost, "phone-=13900139000")
        #expect(try node.clean(Self.all).flagged == [.age: 1, .quarantine: 1])
        #expect(try node.clean(Self.all).flagged.isEmpty)
        try node.edit(lost, "phone=13900139000")
        try node.edit(old, "birth_date=1820-01-01")
        #expect(try node.clean(Self.all).settled == 2)
        #expect(try node.clean(Self.all).flagged.isEmpty && node.reviewItems().isEmpty, "what a person rejected stays rejected")
    }

    @Test func outliersAreComparedWithTheirOwnKind() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        var table = "external_id,name,phone,income,industry\n"
        for number in 1...60 { table += "\(number),王\(number),139001390\(number + 10),\(80_000 + number * 1_000) CNY,I65\n" }
        table += "99,张伟,13800138000,9900000000 CNY,I65\n"
        try node.importText(table, source: "crm", kind: .person, in: fleet.folder)
        #expect(try node.clean(Self.all).flagged == [.outlier: 1])
        #expect(try node.reviewItems().map(\.record) == [node.record("crm:99")])
    }

    @Test func individualIsNoIndustry() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        try node.importText("external_id,name,industry,phone\n1,张伟,个人,13800138000\n", source: "crm", kind: .person, in: fleet.folder)
        let said = try node.add("name=李雷", "industry=个人", "phone=13900139000"), record = try node.record("crm:1")
        let outcome = try node.clean(Self.all)
        #expect(outcome.mended == 1 && outcome.flagged == [.individual: 1])
        #expect(try node.value("industry", of: record) == nil && node.value("customer_type", of: record) == "个人")
        #expect(try node.value("industry", of: said) == "个人", "what a person wrote is left to people")
        #expect(try node.history(record.description, field: "industry").contains { $0.value == "个人" })
        #expect(try node.importText("external_id,name,industry,phone\n1,张伟,个人,13800138000\n", source: "crm", kind: .person, in: fleet.folder).unchanged == 1)
        _ = try node.undo(outcome.operation)
        #expect(try node.value("industry", of: record) == "个人" && node.value("customer_type", of: record) == nil)
    }

    @Test func theUsualAddressIsTakenFromOrders() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        try node.importText("external_id,name\n1,张伟\n", source: "erp", kind: .person, in: fleet.folder)
        var orders = "external_id,customer,type,time,收货地址\n"
        for number in 1...4 { orders += "o\(number),1,order,2025-01-0\(number)T10:00:00Z,\(number == 2 ? "广州市天河区别处2号" : "江苏省苏州市昆山市人民路1号")\n" }
        try node.importText(orders, source: "erp", kind: .event, in: fleet.folder)
        try node.clean(Self.all)
        let record = try node.record("erp:1")
        #expect(try node.value("delivery_address", of: record) == "江苏省苏州市昆山市人民路1号" && source("address", of: record, on: node) == "inferred:orders")
        #expect(try node.value("district", of: record) == "昆山市" && source("district", of: record, on: node) == "inferred:address")
        #expect(try node.clean(Self.all).operation == nil)
    }

    @Test func noTableSpeaksAsAnInference() throws {
        let fleet = try TestFleet(1)
        let error = #expect(throws: NodeError.self) {
            try fleet[0].importText("name\n张伟\n", source: "inferred", kind: .person, in: fleet.folder)
        }
        #expect(error?.code == "node.reserved-source")
    }

    // MARK: Codes

    @Test func nodesThatWorkApartMakeDifferentCodesForDifferentCustomersAndOneForOne() throws {
        let fleet = try TestFleet(3)
        // One customer that all know, and on each node customers that nothing but their ids tells apart.
        let shared = try fleet[0].add("name=张伟", "phone=13800138000")
        try fleet.settle()
        for node in fleet.nodes { for _ in 0..<40 { _ = try node.add("name=张伟", "phone=13800138000") } }
        for node in fleet.nodes { #expect(try node.fillCodes().made == 41) }
        let codes = try fleet.nodes.map { try $0.value("code", of: shared) }
        #expect(Set(codes).count == 1 && codes[0]?.hasPrefix("zhangwei8000-") == true)
        try fleet.settle()
        let rows = try fleet[0].find("张伟", limit: 1_000).rows
        let all = try rows.compactMap { try fleet[0].value("code", of: $0.id) }
        #expect(all.count == 121 && Set(all).count == 121)
        #expect(try fleet[0].conflicts().conflicts.isEmpty)
        #expect(try fleet[0].fillCodes().operation == nil)
        #expect(try fleet[0].record(codes[0]!) == shared)
    }

    @Test func codesThatPeopleGaveStayAndUndoTakesTheOthersBack() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        let given = try node.add("name=张伟", "code=VIP-1"), bare = try node.add("name=李雷"), nameless = try node.add("email=a@example.com")
        let outcome = try node.fillCodes()
        #expect(outcome.made == 1 && outcome.unnamed == 1 && outcome.customers == 3)
        #expect(try node.value("code", of: given) == "VIP-1" && node.value("code", of: nameless) == nil)
        #expect(try node.value("code", of: bare)?.hasPrefix("lilei-") == true)
        _ = try node.undo(outcome.operation)
        #expect(try node.value("code", of: bare) == nil)
        #expect(try node.fillCodes(isDryRun: true).made == 1)
        #expect(try node.value("code", of: bare) == nil)
    }

    @Test func twoCustomersWithOneCodeGetDifferentOnesWhereItWasMade() throws {
        let fleet = try TestFleet(2)
        let records = try [fleet[0].add("name=张伟"), fleet[1].add("name=张伟")].sorted()
        try fleet[0].fillCodes()
        try fleet[1].fillCodes()
        try fleet.settle()
        // As though chance had made them alike.
        let code = try #require(try fleet[0].value("code", of: records[0]))
        try fleet[0].store.write { writer in
            let edition = try Edition(writer, author: "chance", operation: fleet[0].environment.newID())
            try edition.write(CellKey(field: 100), FieldValue.bytes(text: code), in: records[1], source: "inferred:code")
            _ = try edition.commit()
        }
        try fleet.settle()
        #expect(try fleet[1].fillCodes().lengthened == 1)
        try fleet.settle()
        #expect(try fleet[0].value("code", of: records[0]) == code)
        #expect(try fleet[0].value("code", of: records[1]) != code)
        #expect(try fleet[0].fillCodes().operation == nil)
    }

    // MARK: Review by rule

    @Test func reviewIsDecidedByRuleOnAllNodes() throws {
        let fleet = try TestFleet(2), node = fleet[0]
        try node.importText("""
            external_id,name,industry,birth_date,phone
            1,张伟,做软件的,1990-01-01,13800138000
            2,李雷,做软件的,soon,13800138001
            3,韩梅,做软件的,later,13800138002

            """, source: "fair", kind: .person, in: fleet.folder)
        #expect(try node.reviewItems().count == 5)
        let rehearsal = try node.decide(ReviewFilter(reason: "industry-proposed"), accepting: true, isDryRun: true)
        #expect(rehearsal.done == 3 && rehearsal.operation == nil)
        let accepted = try node.decide(ReviewFilter(), accepting: true)
        #expect(accepted.matched == 5 && accepted.done == 3 && accepted.skipped == 2)
        let rejected = try node.decide(ReviewFilter(field: "birth_date", source: "fair"), accepting: false)
        #expect(rejected.done == 2)
        try fleet.settle()
        #expect(try fleet[1].reviewItems().isEmpty)
        #expect(try fleet[1].value("industry", of: node.record("fair:2")) == "I65")
        _ = try node.undo(accepted.operation)
        #expect(try node.reviewItems().count == 3 && node.value("industry", of: node.record("fair:2")) == "做软件的")
        let error = #expect(throws: NodeError.self) { try node.decide(ReviewFilter(field: "birthdäte"), accepting: false) }
        #expect(error?.code == "node.unknown-field")
    }
}
