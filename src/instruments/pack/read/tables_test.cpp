#include "instruments/pack/read/tables.hpp"

#include <gtest/gtest.h>

#include "instruments/pack/read/thpack.hpp"

namespace signalbox::pack {
namespace {

constexpr std::string_view kHead = "order,sku,qty,l_mm,w_mm,h_mm,weight_g\n";

TEST(OrdersCsv, RowsOfOneOrderNeedNotStandTogether) {
  const auto orders =
      read_orders_csv(
          std::string(kHead) + "1,A,2,100,80,50,400\n2,B,1,10,10,10,5\n1,\"C, \"\"big\"\"\",1,25.4,1,1,0\n",
          "o.csv")
          .value();
  ASSERT_EQ(orders.size(), 2U);
  ASSERT_EQ(orders[0].items.size(), 2U);
  EXPECT_EQ(orders[0].items[0].quantity, 2);
  EXPECT_EQ(orders[0].items[1].sku, "C, \"big\"");
  EXPECT_EQ(orders[0].items[1].size[0], kInch);
}

TEST(OrdersCsv, UnitsMayStandInCellsHeadersAndColumns) {
  for (const char* text :
       {"sku,l,w,h,weight\nA,1in,2in,3in,16oz\n", "sku,l_in,w (in),h_inch,weight_lb\nA,1,2,3,1\n",
        "sku,l,w,h,weight,unit,weight_unit\nA,25.4,50.8,76.2,453.59237,mm,g\n",
        "\xEF\xBB\xBFSKU,L in,W in,H in,Weight lb\r\nA,1,2,3,1\r\n"}) {
    const auto orders = read_orders_csv(text, "o.csv");
    ASSERT_TRUE(orders) << text << orders.error().message;
    EXPECT_EQ((*orders)[0].items[0].size, (Size{kInch, 2 * kInch, 3 * kInch})) << text;
    EXPECT_EQ((*orders)[0].items[0].weight, kPound) << text;
  }
}

struct Bad {
  const char* text;
  const char* says;
};

TEST(OrdersCsv, WhatIsWrongIsNamedWithItsPlace) {
  const Bad cases[]{
      {"", "o.csv: empty"},
      {"sku,l_mm,w_mm,h_mm,weight_g\n", "o.csv: no order in it"},
      {"sku,l_mm,w_mm,weight_g\nA,1,1,1\n", "o.csv: the column 'h' is missing"},
      {"sku,l_mm,w_mm,h_mm,weigth_g\n", "o.csv:1:5: no column is called 'weigth_g'"},
      {"sku,sku,l_mm\n", "o.csv:1:2: a second column 'sku'"},
      {"sku,l,w,h,weight_g\nA,1,1,1,1\n", "o.csv:2:2: the length '1' has no unit"},
      {"sku,l_mm,w_mm,h_mm,weight\nA,1,1,1,1\n", "o.csv:2:5: the weight '1' has no unit"},
      {"sku,l_mm,w_mm,h_mm,weight_g\nA,1,0,1,1\n", "o.csv:2:3: the length '0' is zero"},
      {"sku,l_mm,w_mm,h_mm,weight_g\nA,1,1,-1,1\n", "o.csv:2:4: the length '-1' is negative"},
      {"sku,l_mm,w_mm,h_mm,weight_g\nA,1,1,nan,1\n", "o.csv:2:4: the length 'nan' is no number"},
      {"sku,l_mm,w_mm,h_mm,weight_g\nA,inf,1,1,1\n", "o.csv:2:2: the length 'inf' is no number"},
      {"sku,l_mm,w_mm,h_mm,weight_g\nA,1,1,1\n", "o.csv:2:5: the weight is missing"},
      {"sku,l_mm,w_mm,h_mm,weight_g\n,1,1,1,1\n", "o.csv:2:1: no SKU"},
      {"sku,qty,l_mm,w_mm,h_mm,weight_g\nA,0,1,1,1,1\n",
       "o.csv:2:2: '0' is no whole number between 1 and 1000000"},
      {"sku,qty,l_mm,w_mm,h_mm,weight_g\nA,1000000000,1,1,1,1\n",
       "o.csv:2:2: '1000000000' is no whole number between 1 and 1000000"},
      {"sku,l_mm,w_mm,h_mm,weight_g,turn\nA,1,1,1,1,sideways\n",
       "o.csv:2:6: 'sideways' is no way to turn a thing"},
      {"sku,l_mm,w_mm,h_mm,weight_g,no_stack\nA,1,1,1,1,perhaps\n",
       "o.csv:2:6: 'perhaps' is neither yes nor no"},
      {"sku,l_mm,w_mm,h_mm,weight_g\n\"A,1,1,1,1\n", "o.csv:2: a quote is never closed"},
      {"sku,l_mm,w_mm,h_mm,weight_g\n\"A\"b,1,1,1,1\n", "o.csv:2:1: text behind a closing quote"},
      {"sku,l_mm,w_mm,h_mm,weight_g\n\xFF,1,1,1,1\n", "o.csv: not UTF-8"}};
  for (const Bad& each : cases) {
    const auto orders = read_orders_csv(each.text, "o.csv");
    ASSERT_FALSE(orders) << each.text;
    EXPECT_EQ(orders.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(orders.error().message, each.says) << each.text;
  }
}

TEST(BoxesCsv, WhatContradictsItselfIsRefused) {
  const std::string head =
      "sku,inner_l_mm,inner_w_mm,inner_h_mm,outer_l_mm,outer_w_mm,outer_h_mm,tare_g,max_weight_g,stock,"
      "cost\n";
  ASSERT_TRUE(read_boxes_csv(head + "A,10,10,10,12,12,14,50,1000,5,1.25\n", "b.csv"));
  EXPECT_EQ(read_boxes_csv(head + "A,10,10,10,12,12,14,50,1000,,1.25\n", "b.csv").value()[0].cost, 1'250'000);
  const Bad cases[]{
      {"A,10,13,10,12,12,14,50,1000,5,1\n",
       "b.csv:2:3: the inside (13 mm) is larger than the outside (12 mm)"},
      {"A,10,10,10,12,12,14,1000,1000,5,1\n",
       "b.csv:2:8: the empty box (1000 g) weighs what it may weigh in all (1000 g)"},
      {"A,10,10,10,12,12,14,50,1000,0,1\n", "b.csv:2:10: there is none of this box"},
      {"A,10,10,10,12,12,14,50,1000,5,free\n", "b.csv:2:11: 'free' is no price"},
      {"A,10,10,10,12,12,14,,,,\nA,10,10,10,12,12,14,,,,\n", "b.csv:3:1: the SKU 'A' a second time"}};
  for (const Bad& each : cases) {
    const auto boxes = read_boxes_csv(head + each.text, "b.csv");
    ASSERT_FALSE(boxes) << each.text;
    EXPECT_EQ(boxes.error().message, each.says);
  }
}

TEST(OrderJson, ReadsSizesWithAndWithoutUnits) {
  const auto order =
      read_order_json(
          R"({"id":"7","unit":"mm","weight_unit":"g","items":[{"sku":"A","qty":2,"size":["1in",50.8,76.2],"weight":"1lb","turn":"up","no_stack":true}]})",
          "o.json")
          .value();
  EXPECT_EQ(order.id, "7");
  EXPECT_EQ(order.items[0].size, (Size{kInch, 2 * kInch, 3 * kInch}));
  EXPECT_EQ(order.items[0].turns, kThisSideUp);
  EXPECT_TRUE(order.items[0].no_stack);
}

TEST(OrderJson, WhatIsWrongIsNamedWithItsPlace) {
  const Bad cases[]{{"[]", "o.json:1:1: an order is an object"},
                    {R"({"items":[]})", "o.json:1:10: an order has items"},
                    {"{\"items\":[\n{\"sku\":\"A\",\"size\":[1,1,1],\"weight\":\"1g\"}]}",
                     "o.json:2:20: the length '1' has no unit"},
                    {R"({"unit":"mm","items":[{"sku":"A","size":[1,1],"weight":"1g"}]})",
                     "o.json:1:41: the size is three lengths"},
                    {R"({"unit":"mm","items":[{"sku":"A","size":[1,1,-1],"weight":"1g"}]})",
                     "o.json:1:46: the length '-1' is negative"},
                    {R"({"unit":"mm","items":[{"sku":"A","size":[1,1,1],"weight":"1g","qty":0}]})",
                     "o.json:1:69: a whole number between 1 and 1000000 is meant"},
                    {R"({"unit":"mm","items":[{"sku":"A","size":[1,1,1],"weight":"1g","nostack":true}]})",
                     "o.json:1:73: nothing is called 'nostack' here"},
                    {R"({"unit":"parsec","items":[{}]})", "o.json:1:9: no unit of length"}};
  for (const Bad& each : cases) {
    const auto order = read_order_json(each.text, "o.json");
    ASSERT_FALSE(order) << each.text;
    EXPECT_EQ(order.error().message, each.says) << each.text;
  }
}

TEST(Thpack, FlagsSayWhatMayStandUpright) {
  const auto problems =
      read_thpack("1\n1 2502505\n587 233 220\n2\n1 108 0 76 0 30 1 40\n2 92 1 81 1 55 1 39\n", "BR.txt",
                  LengthUnit::cm)
          .value();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].container.inner[0], 5870 * kMillimetre);
  EXPECT_EQ(problems[0].order.items[0].turns, kThisSideUp);
  EXPECT_EQ(problems[0].order.items[1].turns, kAnyTurn);
  EXPECT_EQ(problems[0].order.items[1].quantity, 39);
  EXPECT_TRUE(read_thpack("1\n1\n30 20 10\n1\n1 4 0 3 0 3 1 24\n", "LN.txt", LengthUnit::cm));
  const Bad cases[]{
      {"", "f:1: it ends where the number of problems should be"},
      {"1\n1 1\n587 233\n2", "f:4: it ends where the number of types should be"},
      {"1\n1 1\n587 233 0\n", "f:3: '0' where a side of the container, 1 to 4000, should be"},
      {"1\n1 1\n5 5 5\n1\n1 4 0 3 0 3 0 24\n", "f:5: none of the sides may stand upright"},
      {"1\n1 1\n5 5 5\n1\n1 4 0 3 0 3 2 24\n", "f:5: '2' where a flag, 0 to 1, should be"},
      {"1\n1 1\n5 5 5\n1\n1 4 0 3 0 3 1 24\n9", "f:6: something stands behind the last problem"}};
  for (const Bad& each : cases) {
    const auto found = read_thpack(each.text, "f", LengthUnit::cm);
    ASSERT_FALSE(found) << each.text;
    EXPECT_EQ(found.error().message, each.says) << each.text;
  }
}

}  // namespace
}  // namespace signalbox::pack
