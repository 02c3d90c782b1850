"""In a real browser: an outsider applies, the secretary checks, the council meets and votes."""

from playwright.sync_api import expect

from tests.people import eventually
from tests.portal.conftest import People
from tests.portal.council import advice, council_of, done, open_meeting
from tests.portal.deeds import application_form, letter, person
from tests.portal.platform import Platform

EMAIL = "walk@desna.demo"


def test_an_outsider_applies_and_the_secretary_checks(somebody: People, platform: Platform) -> None:
    council = council_of(platform)
    outsider = somebody()
    outsider.go("/sign-in")
    outsider.page.get_by_role("link", name="Вступить в кластер").click()
    page = outsider.page
    page.locator("#inn").fill("6799000903")
    page.locator("#kpp").focus()
    expect(page.locator("#inn-fault")).to_contain_text("контрольная цифра")
    for name, value in application_form(**{"contact.email": EMAIL}).items():
        field = page.locator(f'[name="{name}"]:not([type="hidden"])')
        if not field.count():
            continue
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Отправить заявку").click()
    expect(page.get_by_role("heading", name="Проверьте почту")).to_be_visible()
    outsider.go(f"/join/confirm?token={letter(platform, EMAIL, 'confirm')}")
    page.get_by_role("button", name="Подтвердить и отправить").click()
    expect(page.get_by_text("Заявка отправлена").first).to_be_visible()

    secretary = somebody(council.secretary)
    secretary.page.get_by_role("link", name="Участники").first.click()
    secretary.page.get_by_role("link", name="Заявки").click()
    secretary.page.get_by_role("link", name="ООО «Десна» (демо)").click()
    secretary.page.get_by_role("button", name="Всё в порядке").click()
    expect(secretary.page.locator(".page-actions")).to_contain_text("Проверена")


def test_a_member_of_the_council_votes_from_today_and_sees_the_result_at_once(
    somebody: People, platform: Platform
) -> None:
    council = council_of(platform)
    voter = somebody(council.head)
    meeting = open_meeting(platform, council, advice("О практике"))
    secretary = person(platform, council.secretary)
    item = meeting["items"][0]["id"]
    voter.go("/")
    expect(voter.page.locator("#votes")).to_be_visible()
    ballot = done(secretary.post(f"/council/items/{item}/ballots", {"is_secret": False}), 201)
    waiting = voter.page.locator("#votes").get_by_role("link", name="Голосовать")
    expect(waiting).to_be_visible(timeout=5_000)
    waiting.click()
    voter.page.get_by_role("button", name="За", exact=True).click()
    expect(voter.page.get_by_text("Сейчас: За")).to_be_visible()
    expect(voter.page.get_by_text("Итоги скрыты до закрытия.")).to_be_visible()
    for account in council.members:
        if account != council.head:
            person(platform, account).post(
                f"/council/ballots/{ballot['id']}/vote", {"choice": "for"}
            )
    done(secretary.post(f"/council/ballots/{ballot['id']}/close"))
    expect(voter.page.locator(".page-actions")).to_contain_text("Принято", timeout=5_000)
    voter.page.get_by_role("link", name="К решению").click()
    expect(voter.page.get_by_text("Рекомендовать участникам: о практике.")).to_be_visible()
    assert eventually(lambda: voter.sideways == 0)
