"""A Bot API server of the tests' own: real HTTP on loopback, and as strict as Telegram.

    with BotApi() as api:
        bot = telegram.Bot(api.token, base_url=api.base_url, base_file_url=api.base_file_url)
        ann = Person(api, "Ann", language_code="en")
        question = ann.says("Who paid for the bridge?")        # becomes an update of getUpdates
        answer = api.wait_for(lambda: ann.received)[0]          # what the bot sent to the private chat
        assert answer.reply_to is question and answer.spans("bold") == ["the town"]
        press = ann.presses("More", answer)                     # by the button's label
        api.wait_for(lambda: press.answer)                      # answerCallbackQuery came

``message.text`` is the plain text after parsing, ``message.content.entities`` its entities; an edited
message shows its new text, a deleted one leaves ``received``. ``api.calls`` is the complete record of
calls in order, refused and failed ones included; ``api.calls_of("sendMessage")`` those of one method.

What goes wrong is said by rules: ``api.inject(Fault("429", "sendMessage", nth=(1,), retry_after=2))``,
``Fault(("429", "502", "reset", "bad_json"), probability=0.05)``; ``api.heal()`` ends it.

Groups: ``club = Group(api, "Chess", topics={7})``, then ``ann.says("…", club, topic=7)``; what the bot
wrote there is ``club.chat.from_bot()``. Uploads that lie: ``ann.uploads(b"…", "a.txt", size=10)``.
``BotApi(limits=True)`` keeps Telegram's limits of messages a second; ``api.webhook.forward(port)`` stands
for the proxy before a webhook; ``tests.botapi.process.BotProcess`` runs the real command, to be killed.
"""

from tests.botapi.faults import Fault
from tests.botapi.people import Group, Person
from tests.botapi.refusal import Refusal
from tests.botapi.server import TOKEN, BotApi, Call
from tests.botapi.world import BOT, Chat, Message, Query

__all__ = ["BOT", "TOKEN", "BotApi", "Call", "Chat", "Fault", "Group", "Message", "Person", "Query", "Refusal"]
