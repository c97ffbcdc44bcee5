from allauth.account.views import LogoutView, password_change, password_set, reauthenticate
from django.urls import include, path

from .views import accounts, duties
from .views import people as views

urlpatterns = [
    path("account/login/", views.SignInView.as_view(), name="account_login"),
    path("account/logout/", LogoutView.as_view(), name="account_logout"),
    path("account/demo/", views.demo_sign_in, name="demo_sign_in"),
    path("account/signup/", views.closed, name="account_signup"),
    path("account/password/", password_change, name="account_change_password"),
    path("account/password/set/", password_set, name="account_set_password"),
    path("account/again/", reauthenticate, name="account_reauthenticate"),
    path("account/factor/", include("allauth.mfa.urls")),
    path("people/", views.people, name="people"),
    path("people/files/", views.staff_files, name="staff_files"),
    path("people/files/<int:import_id>/passwords.csv", views.staff_passwords, name="staff_passwords"),
    path("people/absence/", duties.absence, name="absence"),
    path("people/absence/<int:absence_id>/", duties.absence_change, name="absence_change"),
    path("people/absence/<int:absence_id>/end/", duties.absence_end, name="absence_end"),
    path("people/new/", accounts.person_new, name="person_new"),
    path("people/<int:user_id>/", accounts.account, name="account"),
    path("people/<int:user_id>/<slug:act>/", accounts.account_act, name="account_act"),
    path("people/handover/", duties.handover, name="handover"),
]
