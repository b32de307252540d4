import StandardForms
import Testing

struct RegionTests {
    @Test(arguments: [
        ("上海市浦东新区", "上海市浦东新区", "310115"), ("上海浦东", "上海市浦东新区", "310115"), ("上海市/上海市/浦东新区", "上海市浦东新区", "310115"),
        ("上海市市辖区浦东新区", "上海市浦东新区", "310115"), ("浦东新区", "上海市浦东新区", "310115"), ("上海", "上海市", "310000"),
        ("江苏省苏州市昆山市", "江苏省苏州市昆山市", "320583"), ("江苏 苏州 昆山", "江苏省苏州市昆山市", "320583"), ("江苏-昆山", "江苏省苏州市昆山市", "320583"),
        ("昆山", "江苏省苏州市昆山市", "320583"), ("苏州", "江苏省苏州市", "320500"), ("中国江苏省", "江苏省", "320000"),
        ("江苏省南京市鼓楼区", "江苏省南京市鼓楼区", "320106"), ("西安", "陕西省西安市", "610100"), ("吉林", "吉林省", "220000"), ("吉林市", "吉林省吉林市", "220200"),
        ("吉林吉林", "吉林省吉林市", "220200"), ("广西南宁", "广西壮族自治区南宁市", "450100"), ("新疆伊犁", "新疆维吾尔自治区伊犁哈萨克自治州", "654000"),
        ("延边", "吉林省延边朝鲜族自治州", "222400"), ("广东省东莞市", "广东省东莞市", "441900"), ("北京 朝阳区", "北京市朝阳区", "110105"),
        ("辽宁朝阳", "辽宁省朝阳市", "211300"), ("海南", "海南省", "460000"), ("青海海南", "青海省海南藏族自治州", "632500"), ("湖北仙桃", "湖北省仙桃市", "429004"),
        ("香港", "香港特别行政区", "810000"), ("台湾省", "台湾省", "710000"), ("内蒙古呼和浩特", "内蒙古自治区呼和浩特市", "150100"),
    ])
    func regions(text: String, name: String, code: String) {
        let region = Region(text)
        #expect(region?.name == name && region?.code == code)
    }

    /// What may be several regions, or is none, is not guessed.
    @Test(arguments: ["鼓楼区", "朝阳", "朝阳区", "河北路", "California", "", "上海市江苏省", "江苏鼓楼", "区", "上海市张江路1号", "苏州河"])
    func noRegion(text: String) { #expect(Region(text) == nil) }

    @Test(arguments: [
        ("上海市浦东新区张江路1号", "上海市浦东新区", 7), ("江苏苏州华信软件", "江苏省苏州市", 4), ("深圳华信科技", "广东省深圳市", 2), ("朝阳区建国路", nil, nil), ("上海路1号", nil, nil),
    ])
    func leadingRegions(text: String, name: String?, scalars: Int?) {
        let found = Region.leading(text)
        #expect(found?.region.name == name && found?.scalars == scalars)
    }

    @Test func everyRegionIsReadFromItsOwnName() {
        let all = Region.all
        #expect(all.count > 3_300 && all.count { $0.level == .province } == 34)
        for region in all { #expect(Region(region.name)?.code == region.code, "\(region.name)") }
        #expect(Set(all.map(\.name)).count == all.count)
    }
}
