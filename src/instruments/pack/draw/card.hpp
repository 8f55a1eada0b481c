// Pack-out instruction cards: what the operator does, one package a page.
#pragma once

#include <string>

#include "instruments/pack/document/plan_document.hpp"

namespace signalbox::pack {

// One step of a card: placements [begin, end) of the package, alike and put down together.
struct CardStep {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Units of one SKU that stand alike, at one height, and follow one another are one step, at most
// `kMostInStep` of them.
inline constexpr std::size_t kMostInStep = 12;
std::vector<CardStep> card_steps(const Package& package);

// One HTML page that prints: header, what is needed, a picture for each step. It asks for nothing outside
// itself.
std::string card_html(const PlanDocument& document);

}  // namespace signalbox::pack
