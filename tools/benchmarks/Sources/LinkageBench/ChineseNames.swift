import Foundation
import StandardForms

/// Surnames, characters of given names, streets and places for generated people; common ones first.
struct ChineseNames {
    let families = Array(
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    ).map(String.init) + ["欧阳", "司马", "上官", "诸葛"]
    let men = Array("伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆旭宁龙林洋峰成彬亮建坤阳晨博轩泽文武志国海庆东浩然睿哲翔霖恒毅昊天佑锋瑞祥")
    let women = Array("芳娜敏静丽艳娟霞秀英玲燕红婷雪梅丹倩云洁颖琳慧莹萍晶欣怡佳璐蕾薇瑶琪婉悦涵雯菲茜妍岚瑾蓉珍兰凤香月莲翠雅芝素真环")
    let generations = Array("建国志文晓小海玉春秀桂子雨思嘉俊家明永德世宝金美佳梦一天新云振学立宏")
    let streets: [String] = {
        let names = Array("人民 中山 解放 建设 和平 胜利 新华 文化 长江 黄河 光明 友谊 朝阳 青年 团结 科技 学府 滨河 迎宾 花园 东风 红旗 民主 工农 幸福 延安 南京 北京 复兴 健康".split(separator: " "))
        return ["路", "街", "大道", "东路", "西路", "北街"].flatMap { end in names.map { $0 + end } }
    }()
    let places: [(province: String, city: String, district: String, postcode: String)] = {
        let cities = [
            ("江苏省", "苏州市"), ("江苏省", "南京市"), ("浙江省", "杭州市"), ("浙江省", "宁波市"), ("广东省", "广州市"), ("广东省", "深圳市"),
            ("四川省", "成都市"), ("湖北省", "武汉市"), ("山东省", "青岛市"), ("山东省", "济南市"), ("陕西省", "西安市"), ("河南省", "郑州市"),
            ("湖南省", "长沙市"), ("福建省", "厦门市"), ("辽宁省", "大连市"), ("安徽省", "合肥市"),
        ]
        let districts = ["鼓楼区", "东湖区", "城关区", "高新区", "江北区", "南山区", "新城区", "西湖区"]
        return districts.enumerated().flatMap { district in
            cities.enumerated().map { city in
                (city.element.0, city.element.1, district.element, String(330_100 + city.offset * 1_000 + district.offset))
            }
        }
    }()
    let homophones: [Character: [Character]] = {
        let groups = [
            "伟玮炜", "静靖婧", "丽莉俐", "娜那", "敏闽", "强蔷", "磊蕾", "军君均", "勇永咏", "艳燕雁彦", "杰洁捷", "娟涓", "涛滔", "明铭鸣", "超朝",
            "霞遐", "平萍苹", "刚钢", "桂贵", "芳方", "辉晖徽", "鹏朋", "华骅", "飞菲", "红宏弘洪", "玲灵凌", "波博", "斌彬滨", "宇羽雨", "浩昊皓",
            "健建", "俊峻", "雪学", "梅美", "丹单", "云芸", "佳家嘉", "欣新鑫馨", "怡宜仪", "琪琦奇", "瑶遥", "志智", "文雯", "晓小", "子紫梓",
            "思斯", "国果", "海", "章张", "陆路", "许徐", "程成", "于余俞", "江姜", "付傅", "肖萧", "闫严颜", "魏卫", "何贺", "任仁",
        ]
        var found: [Character: [Character]] = [:]
        for group in groups.map(Array.init) { for letter in group { found[letter] = group.filter { $0 != letter } } }
        return found.filter { !$0.value.isEmpty }
    }()

    /// The pinyin of a name, in Latin letters as forms ask for it.
    func pinyin(_ name: String) -> (family: String, given: String) {
        let syllables = Pinyin.syllables(of: name).compactMap(\.first)
        let count = ["欧阳", "司马", "上官", "诸葛"].contains(String(name.prefix(2))) ? 2 : 1
        func joined(_ part: ArraySlice<String>) -> String { part.joined().capitalized }
        return (joined(syllables.prefix(count)), joined(syllables.dropFirst(count)))
    }
}
