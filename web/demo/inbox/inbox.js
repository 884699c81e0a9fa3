// Mails that come while the page is open: the scanner follows.

const list = document.querySelector("#list");
let count = 1043;

document.querySelector("#more").addEventListener("click", () => {
  count += 1;
  const mail = list.firstElementChild.cloneNode(true);
  mail.dataset.id = `M-${count}`;
  mail.dataset.country = "AT";
  mail.querySelector(".from").textContent = "Anna Berger";
  mail.querySelector(".company").textContent = "Berger & Töchter";
  mail.querySelector("p").textContent = `When does the technician come? Ring 01 58058-${count % 100}, please.`;
  list.prepend(mail);
});
