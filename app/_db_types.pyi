"""What `app.db.db` is, for the type checker only: it cannot follow a base class that is an attribute of an object."""

from flask import Flask
from sqlalchemy import Engine, MetaData
from sqlalchemy.orm import Session, scoped_session

from app.db import Base

class Model(Base): ...

session: scoped_session[Session]
engine: Engine
engines: dict[str | None, Engine]
metadata: MetaData

def init_app(app: Flask) -> None: ...
def create_all() -> None: ...
