#include "instruments/profile/draw/tree_json.hpp"

#include "instruments/profile/draw/shown_name.hpp"

namespace signalbox::profile {
namespace {

Json frame_json(const FlameFrame& frame) {
  Json out = Json::object({{"name", plain_text(frame.name)}, {"kind", name_of(frame.kind)}});
  if (!frame.module.empty()) out.set("module", plain_text(frame.module));
  if (!frame.file.empty()) out.set("file", plain_text(frame.file));
  if (frame.line > 0) out.set("line", frame.line);
  return out;
}

}  // namespace

Json tree_json(const FlameTree& tree) {
  Json frames = Json::array();
  for (const FlameFrame& frame : tree.frames) frames.push_back(frame_json(frame));
  Json nodes = Json::array();
  for (const FlameNode& node : tree.nodes) {
    Json::Array row{node.parent, node.frame, node.now.self, node.now.total, node.now.samples};
    if (tree.is_difference) {
      for (const std::int64_t value : {node.base.self, node.base.total, node.base.samples})
        row.emplace_back(value);
    }
    nodes.push_back(std::move(row));
  }
  Json out = Json::object(
      {{"version", 1},
       {"value",
        Json::object({{"type", plain_text(tree.value.type)}, {"unit", plain_text(tree.value.unit)}})},
       {"direction", tree.direction == FlameDirection::root_first ? "root_first" : "leaf_first"},
       {"total", tree.total()},
       {"samples", tree.samples()},
       {"pruned_below", tree.prune_share},
       {"nodes_pruned", static_cast<std::uint64_t>(tree.frames_pruned)},
       {"frames", std::move(frames)},
       {"nodes", std::move(nodes)}});
  if (tree.is_difference) out.set("base_factor", tree.base_factor);
  return out;
}

}  // namespace signalbox::profile
