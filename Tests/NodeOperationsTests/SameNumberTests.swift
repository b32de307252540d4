import Causality
import FleetSupport
import MergeVectors
import NodeOperations
import ProfileModel
import ProfileStore
import Testing

/// Records with one number of an authority, which an import links.
struct SameNumberTests {
    private static let number = "11010519491231002X", other = "440524188001010014"

    @Test func theSameResidentNumberLinksInTheImportsOperation() throws {
        let fleet = try TestFleet(2), node = fleet[0]
        try node.importText("external_id,name,national_id\n1,王建国,\(Self.number)\n2,李娜,\(Self.other)\n", source: "erp", in: fleet.folder)
        let outcome = try node.importText("external_id,name,national_id\n7,建国,\(Self.number)\n8,王磊,\n", source: "shop", in: fleet.folder)
        #expect(outcome.linked == 1)
        let (a, b) = (try node.record("erp:1"), try node.record("shop:7"))
        #expect(try node.show(a.description).members == [a, b].sorted())
        #expect(try node.status().counts.customers == 3)
        try fleet.settle()
        _ = try node.undo(outcome.operation)
        try fleet.settle()
        for node in fleet.nodes { #expect(try node.show(a.description).members == [a]) }
    }

    @Test func theSameCreditCodeLinksWithinOneFile() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        let code = "91350100M000100Y43"
        let outcome = try node.importText(
            "external_id,name,credit_code\n1,福州甲科技有限公司,\(code)\n2,甲科技,\(code)\n3,乙公司,\n", source: "erp", kind: .organization, in: fleet.folder)
        #expect(outcome.linked == 1)
        #expect(try node.show("erp:1").members.count == 2)
        let again = try node.importText(
            "external_id,name,credit_code\n1,福州甲科技有限公司,\(code)\n2,甲科技,\(code)\n3,乙公司,\n", source: "erp", kind: .organization, in: fleet.folder)
        #expect(again.linked == 0 && again.operation == nil)
    }

    @Test func aTelephoneOrAnAddressOfMailLinksNothing() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        let outcome = try node.importText(
            "external_id,name,phone,email,national_id\n1,张伟,13800138000,a@example.com,E12345678\n2,张伟,13800138000,a@example.com,E12345678\n",
            source: "erp", kind: .person, in: fleet.folder)
        #expect(outcome.linked == 0)
        #expect(try node.status().counts.customers == 2)
    }

    @Test func whatAPersonKeepsApartIsNotLinked() throws {
        let fleet = try TestFleet(1), node = fleet[0]
        try node.importText("external_id,name,national_id\n1,王建国,\(Self.number)\n", source: "erp", in: fleet.folder)
        try node.importText("external_id,name,national_id\n7,建国,\(Self.number)\n", source: "shop", in: fleet.folder)
        _ = try node.unmerge("shop:7")
        let outcome = try node.importText("external_id,name,national_id,city\n7,建国,\(Self.number),上海\n", source: "shop", in: fleet.folder)
        #expect(outcome.linked == 0 && outcome.updated == 1)
        #expect(try node.show("erp:1").members.count == 1)
    }
}
