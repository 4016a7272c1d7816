"""Things: instruments that guidance on relationships could name and that a statement must not bring in by itself.

What is made up is mostly something to buy, sign, pay, install or be judged by. Other words that a clause does not use
may still say the same; these do not.
"""

from __future__ import annotations

import re

_THINGS = tuple(
    re.compile(rf"(?<![\w-])(?:{pattern})(?![\w])", re.I)
    for pattern in (
        # software and devices
        r"software|apps?", r"spread-?sheets?", r"databases?", r"dash-?boards?", r"CRM|ERP|SaaS", r"cloud", r"portals?", r"web-?sites?|web ?pages?|homepages?",
        r"computers?|laptops?|servers?", r"artificial intelligence|AI|chatbots?|robots?|algorithms?", r"block-?chain", r"plug-?ins?", r"smart-?phones?|phones?|telephones?|hot-?lines?|help-?lines?|call cent(?:re|er)s?",
        r"passwords?|encrypt\w*|firewalls?|anti-?virus|back-?ups?", r"cameras?|GPS|sensors?", r"QR codes?|bar-?codes?",
        # messages and papers
        r"e-?mails?|text messages?|WhatsApp|Slack", r"newsletters?", r"intranets?", r"social media", r"press releases?|advert\w*|brochures?|flyers?|leaflets?|posters?", r"webinars?|podcasts?|videos?",
        r"questionnaires?|surveys?|polls?", r"checklists?", r"score-?cards?|scoring matri(?:x|ces)|weighted matri(?:x|ces)|matri(?:x|ces)", r"log-?books?|change logs?|version numbers?", r"minutes of|keep minutes|the minutes|minutes",
        r"folders?|binders?|filing cabinets?", r"handbooks?", r"signatures?|signed|countersign\w*|stamped|notari\w+", r"certificat\w*|certified|accredit\w*|diplomas?|licen[cs]ed",
        # money
        r"bonus(?:es)?|sales commissions?", r"fees?|fines?(?= (?:of|for|on))|penalt(?:y|ies)|surcharges?", r"salar(?:y|ies)|wages?|pay rise", r"insur\w+", r"deposits?|loans?|mortgages?|bank accounts?|overdrafts?",
        r"grants?(?= |$|\.)(?! access)|subsid(?:y|ies)", r"tax(?:es|ation)?|VAT", r"invoic\w+", r"discounts?|rebates?", r"prices?|pricing|tariffs?", r"turnover", r"royalt(?:y|ies)", r"an? (?:\w+ )?funds?|shares? in the company|dividends?",
        # law and discipline
        r"arbitrat\w+|mediation", r"courts?|lawsuits?|litigation|a judge|judges(?= (?:decide|rule))|prosecut\w+|police", r"laws?|legislation|statutes?|acts? of parliament|GDPR", r"jurisdiction", r"patents?", r"trade-?marks?|copyrights?", r"warrant(?:y|ies)",
        r"non-disclosure agreements?|NDAs?", r"sanctions?|dismiss\w+|disciplinary|written warnings?|black-?list\w*", r"veto\w*|votes?|voting|majority (?:vote|decision)s?|by (?:a )?majority|quorum|elections?|ballots?", r"codes? of conduct",
        r"audit(?:s|ed|ing)?|inspections?|inspect(?:s|ed)?", r"exams?|examinations?|tests?(?= (?:of|for|on|score))|driving licen[cs]e", r"tenders?|auctions?|lotter(?:y|ies)", r"(?:the|a|rotating|neutral|independent) chair|chairs(?= the)|chairman|chairwoman|chairperson",
        # places and happenings
        r"pitch days?|retreats?|ceremon(?:y|ies)|part(?:y|ies) for|barbecues?|holidays?|christmas", r"headquarters|branch offices?|warehouses?|factor(?:y|ies)", r"awards?|medals?|trophies|league tables?",
        r"psychologists?|coach(?=es|ed|\b)(?!ing)", r"golf|football|yoga|lunch(?:es)?|dinners?",
    )
)  # fmt: skip


def missing_things(statement: str, evidence: str) -> list[str]:
    """Instruments that a statement names and its evidence does not, in a fixed order.

    Args:
        statement: What is claimed.
        evidence: All that the cited clauses say, with headings and the names of their sources.
    """
    found = ((pattern, match) for pattern in _THINGS if (match := pattern.search(statement)))
    return [match.group().lower() for pattern, match in found if not pattern.search(evidence)]
