// What each check is, why it matters, and what it means when it fails: for people, in both languages.
// code -> [name, why] in English, then in Korean.

export const CHECKS = {
  V01: [
    ["The bundle is whole", "Every file has the fingerprint that the bundle's own list gives it. If this fails, the file was damaged or changed after it was made: download it again, and compare the fingerprint on the result page."],
    ["검증 자료가 온전함", "모든 파일의 지문이 자료 안의 목록과 같아야 합니다. 다르면 만들어진 뒤에 손상되었거나 바뀐 것입니다. 다시 내려받고 개찰결과 화면의 지문과 비교하십시오."],
  ],
  V02: [
    ["The log's state is signed", "The log signed its number of entries and their fingerprint, and as many witnesses as the policy asks for signed it too. Without witnesses a site could show two logs to two people."],
    ["기록의 상태에 서명이 있음", "공개 기록의 항목 수와 지문에 기록 열쇠의 서명이 있고, 정책이 정한 수의 증인도 함께 서명해야 합니다. 증인이 없으면 사람마다 다른 기록을 보여 줄 수 있습니다."],
  ],
  V03: [
    ["Every entry is in the log", "Each event shown here is proved to stand in the signed log at its place. If this fails, somebody shows an event that the log does not hold."],
    ["모든 항목이 기록에 있음", "여기 나온 사건마다 서명된 기록의 그 자리에 있다는 증명이 있어야 합니다. 실패하면 기록에 없는 사건을 보여 준 것입니다."],
  ],
  V04: [
    ["Events stand in the right order", "Publication, then bids, then closing, then opening, then award. If this fails, something happened before it was allowed to."],
    ["사건의 차례가 맞음", "공고, 투찰, 마감, 개찰, 낙찰의 차례여야 합니다. 실패하면 허용되기 전에 일어난 일이 있습니다."],
  ],
  V05: [
    ["The tender's terms are the published ones", "The box (keys, draw rule, notice) is signed by the agency, its fingerprint is in the log, and two different persons approved it."],
    ["입찰 조건이 공고한 그대로임", "입찰함(열쇠, 추첨 규칙, 공고문)에 수요기관의 서명이 있고, 지문이 기록에 있으며, 서로 다른 두 사람이 승인해야 합니다."],
  ],
  V06: [
    ["The opening keys belong to the keyholders", "Each keyholder signed its key for this tender. If this fails, somebody put another key in and could have read bids early."],
    ["개찰 열쇠가 보관자의 것임", "열쇠 보관자마다 이 입찰의 열쇠에 서명해야 합니다. 실패하면 누군가 다른 열쇠를 넣어 미리 읽었을 수 있습니다."],
  ],
  V07: [
    ["The deadline only moved later", "Every change of the closing time is in the log, later than before, and approved by two persons."],
    ["마감은 뒤로만 옮겨짐", "마감 시각의 변경은 모두 기록에 있고, 전보다 늦으며, 두 사람이 승인해야 합니다."],
  ],
  V08: [
    ["The list of bids is the frozen one", "At the closing the fingerprint of the list of all bids went to the log. If this fails, a bid was added, dropped or moved afterwards."],
    ["입찰서 목록이 확정된 그대로임", "마감 때 전체 목록의 지문이 기록에 올랐습니다. 실패하면 그 뒤에 입찰서를 더하거나 빼거나 옮긴 것입니다."],
  ],
  V09: [
    ["Each bid belongs to this tender", "Every statement has the fingerprint the list gives it and names this tender and this box."],
    ["입찰서마다 이 입찰의 것임", "투찰 진술마다 목록에 있는 지문과 같고, 이 입찰과 이 입찰함을 가리켜야 합니다."],
  ],
  V10: [
    ["Each bid is signed by its bidder", "The signature is by a key that the bidder had enrolled before, in the log. If this fails, nobody can say who made the bid."],
    ["입찰서마다 입찰자의 서명이 있음", "기록에 먼저 등록된 입찰자의 열쇠로 한 서명이어야 합니다. 실패하면 누가 낸 입찰서인지 알 수 없습니다."],
  ],
  V11: [
    ["Each bid came in before the deadline", "The log holds a sealed entry of each bid's receipt; now revealed, it shows the time. If this fails, a bid was late or its time was changed."],
    ["모든 입찰서가 마감 전에 접수됨", "입찰서마다 접수 사실이 봉인된 채 기록에 있고, 지금 공개된 내용이 그 시각을 보여 줍니다. 실패하면 늦었거나 시각이 바뀐 것입니다."],
  ],
  V12: [
    ["Witnesses saw each bid in time", "Soon after each bid outside witnesses had signed a state of the log with it inside. This bounds how far anybody could have back-dated a bid."],
    ["증인이 제때 입찰을 보았음", "입찰 직후 그것이 담긴 기록에 외부 증인이 서명했습니다. 접수 시각을 앞당겨 꾸밀 수 있는 폭을 제한합니다."],
  ],
  V13: [
    ["The closing was witnessed in time", "Witnesses signed the log with the closing inside within two minutes, and an outside time stamp agrees."],
    ["마감을 제때 증인이 확인함", "마감이 담긴 기록에 2분 안에 증인이 서명했고, 외부 시점확인 토큰의 시각과 맞아야 합니다."],
  ],
  V14: [
    ["Each envelope is the one that was signed", "The sealed envelope has the fingerprint in the signed statement and is bound to this bidder and tender. If this fails, it was swapped."],
    ["봉투가 서명한 그 봉투임", "봉인된 봉투의 지문이 서명한 진술과 같고, 이 입찰자와 이 입찰에 묶여 있어야 합니다. 실패하면 봉투가 바뀐 것입니다."],
  ],
  V15: [
    ["The right keyholders opened", "Exactly the keyholders named in advance released their pieces, signed, and each piece is the one the bidder had committed to."],
    ["정해진 보관자들이 열었음", "미리 정한 열쇠 보관자들만 조각을 서명해 내놓았고, 조각마다 입찰자가 약속해 둔 것과 같아야 합니다."],
  ],
  V16: [
    ["Each envelope opens with its own key", "Each envelope is opened again here, with the key that its bidder had committed to. If this fails, a keyholder gave something else than what the bidder had sealed to it."],
    ["봉투마다 제 열쇠로 열림", "봉투마다 입찰자가 약속해 둔 열쇠로 여기서 다시 엽니다. 실패하면 보관자가 입찰자에게서 받은 것과 다른 것을 내놓은 것입니다."],
  ],
  V17: [
    ["The published opening is complete and true", "All bids of the frozen list were opened, no others, and what was published of each is what came out of its envelope. If this fails, a published price is not the sealed one, or a bid was left out."],
    ["공개된 개찰 내용이 빠짐없이 그대로임", "확정된 목록의 입찰서만 모두 열렸고, 공개된 내용이 봉투에서 나온 그대로여야 합니다. 실패하면 공개된 가격이 봉인된 가격이 아니거나 빠진 입찰서가 있습니다."],
  ],
  V18: [
    ["The secret contributions were fixed in advance", "The sealed contributions to the draw are those published before the first bid; cancelled bids were named before anything was opened."],
    ["비밀 기여분이 미리 정해져 있었음", "추첨에 쓰인 봉인된 기여분이 첫 투찰 전에 공고한 그것이고, 취소된 입찰은 개봉 전에 밝혀졌어야 합니다."],
  ],
  V19: [
    ["The 15 prices come out the same", "The seeds, the fifteen reserve prices and their numbers are computed again here."],
    ["복수예비가격 15개가 똑같이 나옴", "씨앗값과 복수예비가격 15개, 그 번호를 여기서 다시 계산합니다."],
  ],
  V20: [
    ["The draw comes out the same", "The numbers that bidders chose are counted again, the four drawn again, and the estimated price with them."],
    ["추첨 결과가 똑같이 나옴", "입찰자들이 고른 번호를 다시 세어 네 개를 뽑고 예정가격을 다시 계산합니다."],
  ],
  V21: [
    ["The evaluation comes out the same", "Floor, rates, reasons and ranks of all bids are computed again by the rules of the notice."],
    ["심사 결과가 똑같이 나옴", "낙찰하한가, 투찰률, 사유와 순위를 공고의 규칙대로 다시 계산합니다."],
  ],
  V22: [
    ["Equal bids were put in order by the lot", "Where bids were equal, the lot is drawn again from the same seed."],
    ["동가 입찰의 순서는 추첨대로임", "동가 입찰이 있으면 같은 씨앗값으로 다시 추첨합니다."],
  ],
  V23: [
    ["The award went to the first eligible bidder", "Whoever was passed over has a written reason, and two persons confirmed the award."],
    ["첫 번째 적격자에게 낙찰됨", "건너뛴 입찰자가 있으면 사유가 적혀 있고, 두 사람이 낙찰을 확정해야 합니다."],
  ],
  V24: [
    ["Your bid is in the list, unchanged", "Checked with your receipt. If this fails, keep the receipt: it proves that the site took a bid which is not counted."],
    ["내 입찰서가 그대로 목록에 있음", "접수증으로 확인합니다. 실패하면 접수증을 보관하십시오. 접수해 놓고 세지 않은 입찰의 증거입니다."],
  ],
  V25: [
    ["The log continues what you kept", "Checked with an older state of the log. If this fails, the past was rewritten: keep both, they are the evidence."],
    ["기록이 예전 것을 이어받음", "보관해 둔 예전 기록 상태로 확인합니다. 실패하면 과거가 다시 쓰인 것입니다. 둘 다 보관하십시오. 그 자체가 증거입니다."],
  ],
  V26: [
    ["After each review the bids stand where they should", "Who was reviewed, taken out or passed is computed again from decisions that two persons made and the log holds."],
    ["심사를 거친 순위가 똑같이 나옴", "누가 심사받고 제외되거나 통과했는지를, 두 사람이 내리고 기록에 남은 결정으로 다시 계산합니다."],
  ],
  V27: [
    ["The technical scores come out of the evaluators' own sheets", "Each evaluator signed its scores in the log before any price was opened. Means, threshold and who was left out are computed again from them."],
    ["기술평가 점수가 평가위원의 평가표에서 그대로 나옴", "평가위원은 가격을 열기 전에 자기 점수를 기록에 서명해 두었습니다. 평균과 기준점, 제외된 입찰을 그 점수로 다시 계산합니다."],
  ],
  V28: [
    ["The auction comes out the same", "Each lower price is signed, follows the one before it, came in its round and stands in the log; the winner is computed again from them."],
    ["역경매 결과가 똑같이 나옴", "내린 가격마다 서명이 있고 앞선 기록을 잇고 라운드 안에 들어와 기록에 남았는지 확인하고, 그것으로 1순위를 다시 계산합니다."],
  ],
};

export const CODES = Object.keys(CHECKS);

export function describe(code, lang) {
  const [name, why] = CHECKS[code][lang === "ko" ? 1 : 0];
  return { name, why };
}
